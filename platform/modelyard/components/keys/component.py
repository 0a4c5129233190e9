"""Keys: one KMS key with rotation for each class of data, and its alias."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.keys import policy
from modelyard.components.keys.settings import KeysSettings
from modelyard.naming import Scope

_CLASSES: dict[str, tuple[str, Callable[[Scope, str], dict[str, Any]]]] = {
    "data": ("Data, artifacts and features", policy.data_key),
    "logs": ("Logs, the audit trail, alarms and events", policy.log_key),
    "images": ("Container images", policy.image_key),
}


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """Wires of the keys.

    Args:
        settings: the choices.
        scope: the first words of their aliases.
        account_id: twelve digits.
        reader_account_ids: other accounts that deploy the registry's models, which the key of data encrypts.
    """

    settings: KeysSettings
    scope: Scope
    account_id: pulumi.Input[str]
    reader_account_ids: Sequence[str] = ()


class Keys(Component):
    """A customer-managed key for each class of data, so that a right to one is no right to the others.

    There are three, as each has users of its own: data is used by execution roles, logs are written by AWS's services
    and read by operators, and images are pulled by roles, and accounts, that see no data.

    Attributes:
        key_arn: the key of data and artifacts.
        log_key_arn: the key of logs, the audit trail, alarms and events.
        image_key_arn: the key of container images.
    """

    token = "modelyard:platform:Keys"  # noqa: S105 - a type token

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.key_arn, self.log_key_arn, self.image_key_arn = (self._key(args, word) for word in _CLASSES)
        self.register_outputs(
            {"keyArn": self.key_arn, "logKeyArn": self.log_key_arn, "imageKeyArn": self.image_key_arn}
        )

    def _key(self, args: KeysArgs, word: str) -> pulumi.Output[str]:
        what, document = _CLASSES[word]
        if word == "data" and args.reader_account_ids:
            document = partial(policy.data_key, readers=args.reader_account_ids)
        name, opts = self.child(word)
        key = aws.kms.Key(
            name,
            description=f"{what} of {args.scope.owner} in {args.scope.environment}",
            deletion_window_in_days=args.settings.deletion_window_days,
            enable_key_rotation=True,
            rotation_period_in_days=args.settings.rotation_period_days,
            policy=pulumi.Output.from_input(args.account_id).apply(lambda it: json.dumps(document(args.scope, it))),
            opts=opts,
        )
        name, opts = self.child(f"{word}-alias")
        alias = f"alias/{args.scope.name(word, limit=200)}"
        aws.kms.Alias(name, name=alias, target_key_id=key.key_id, opts=opts)
        return key.arn

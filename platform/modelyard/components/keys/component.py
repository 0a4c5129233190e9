"""Keys: one KMS key with rotation, and its alias."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.keys.policy import key_policy
from modelyard.components.keys.settings import KeysSettings
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """Wires of the keys."""

    settings: KeysSettings
    scope: Scope
    account_id: pulumi.Input[str]


class Keys(Component):
    """A customer-managed key for all data of an environment.

    Attributes:
        key_arn: the key.
    """

    token = "modelyard:platform:Keys"  # noqa: S105 - a type token

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        policy = pulumi.Output.from_input(args.account_id).apply(lambda it: json.dumps(key_policy(args.scope, it)))
        key_name, key_opts = self.child("data")
        key = aws.kms.Key(
            key_name,
            description=f"Data of {args.scope.owner} in {args.scope.environment}",
            deletion_window_in_days=args.settings.deletion_window_days,
            enable_key_rotation=True,
            rotation_period_in_days=args.settings.rotation_period_days,
            policy=policy,
            opts=key_opts,
        )
        alias_name, alias_opts = self.child("data-alias")
        aws.kms.Alias(
            alias_name, name=f"alias/{args.scope.name('data', limit=200)}", target_key_id=key.key_id, opts=alias_opts
        )
        self.key_arn = key.arn
        self.register_outputs({"keyArn": self.key_arn})

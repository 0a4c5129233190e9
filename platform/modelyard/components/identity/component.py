"""Identity: one IAM role for each kind of work."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.identity import policy
from modelyard.components.identity.settings import IdentitySettings
from modelyard.naming import Scope

_SECONDS_AN_HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class IdentityArgs:
    """Wires of the execution roles."""

    settings: IdentitySettings
    scope: Scope
    account_id: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    repository_arn: pulumi.Input[str]


class Identity(Component):
    """Execution roles, each with what its work needs.

    Attributes:
        role_arns: ARNs by word: training, pipeline, serving, feature-store, workspace.
    """

    token = "modelyard:platform:Identity"  # noqa: S105 - a type token

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        realm = pulumi.Output.all(args.account_id, args.bucket_arn, args.kms_key_arn, args.repository_arn).apply(
            lambda it: policy.Realm(
                scope=args.scope, account_id=it[0], bucket_arn=it[1], key_arn=it[2], repository_arn=it[3]
            )
        )
        self.role_arns = {word: self._role(args, word, realm, document) for word, document in policy.ROLES.items()}
        self.register_outputs({"roleArns": self.role_arns})

    def _role(
        self,
        args: IdentityArgs,
        word: str,
        realm: pulumi.Output[policy.Realm],
        document: Callable[[policy.Realm], dict[str, Any]],
    ) -> pulumi.Output[str]:
        name, opts = self.child(word)
        role = aws.iam.Role(
            name,
            name=policy.role_name(args.scope, word),
            assume_role_policy=realm.apply(lambda it: json.dumps(policy.trust(it.account_id))),
            max_session_duration=args.settings.max_session_hours * _SECONDS_AN_HOUR,
            opts=opts,
        )
        policy_name, policy_opts = self.child(f"{word}-policy")
        aws.iam.RolePolicy(
            policy_name,
            name=word,
            role=role.name,
            policy=realm.apply(lambda it: json.dumps(document(it))),
            opts=policy_opts,
        )
        return role.arn

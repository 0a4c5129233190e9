"""One model's roles: for jobs, pipelines and endpoints, for the rules that start pipelines, and for its function."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.model_service import policy
from modelyard.components.model_service.wires import PlatformWires
from modelyard.naming import Scope

Write = Callable[[policy.Reach], policy.Document]
_SAGEMAKER, _EVENTS, _LAMBDA = "sagemaker.amazonaws.com", "events.amazonaws.com", "lambda.amazonaws.com"
_ALWAYS: dict[str, tuple[str, Write]] = {
    "training": (_SAGEMAKER, policy.training),
    "pipeline": (_SAGEMAKER, policy.pipeline),
    "serving": (_SAGEMAKER, policy.serving),
}
_ON_DEMAND: dict[str, tuple[str, Write]] = {
    "events": (_EVENTS, policy.events),
    "deploy": (_LAMBDA, policy.deploying),
}


@dataclass(frozen=True, kw_only=True)
class ModelRolesArgs:
    """Wires of a model's roles.

    Args:
        also: further roles that are needed: events, for rules that start pipelines; deploy, for the function.
    """

    scope: Scope
    platform: PlatformWires
    account_id: pulumi.Input[str]
    also: tuple[str, ...] = ()


class ModelRoles(Component):
    """Roles that reach what is the model's own: its prefix in the buckets, and what bears its name.

    None of them may do more than the platform's permissions boundary allows.

    Attributes:
        arns: their ARNs by word: training (all jobs), pipeline, serving (endpoints), and those that were asked for.
        policies: what they may do; whatever uses a role has to wait for these.
    """

    token = "modelyard:model:ModelRoles"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ModelRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        self.policies: list[pulumi.Resource] = []
        platform = args.platform
        self._reach = pulumi.Output.all(
            account_id=args.account_id,
            bucket=platform.artifact_bucket,
            data_bucket=platform.data_bucket,
            capture_bucket=platform.capture_bucket,
            kms_key_arn=platform.kms_key_arn,
            alarm_topic_arn=platform.alarm_topic_arn,
        ).apply(lambda it: policy.Reach(scope=args.scope, **it))
        wanted = {**_ALWAYS, **{word: _ON_DEMAND[word] for word in args.also}}
        self.arns = {word: self._role(word, service, write) for word, (service, write) in wanted.items()}
        self.register_outputs({"roleArns": self.arns})

    def _role(self, word: str, service: str, write: Write) -> pulumi.Output[str]:
        name, opts = self.child(word)
        role = aws.iam.Role(
            name,
            name=policy.role_name(self._args.scope, word),
            path=policy.PATH,
            assume_role_policy=self._reach.apply(lambda it: json.dumps(policy.trust(it.account_id, service))),
            permissions_boundary=self._args.platform.permissions_boundary_arn,
            opts=opts,
        )
        name, opts = self.child(f"{word}-policy")
        document = self._reach.apply(lambda it: json.dumps(write(it)))
        self.policies.append(aws.iam.RolePolicy(name, name=word, role=role.name, policy=document, opts=opts))
        return role.arn

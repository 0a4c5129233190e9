"""Model registry: groups for models that belong to no repository of their own, who may read them, and approvals."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.model_registry import policy
from modelyard.components.model_registry.settings import ModelRegistrySettings
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class ModelRegistryArgs:
    """Wires of the model registry."""

    settings: ModelRegistrySettings
    scope: Scope
    account_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]


class ModelRegistry(Component):
    """SageMaker model package groups, which other accounts may read, and a topic that tells of approvals.

    The topic hears of every model of the account that waits for approval, is approved or is rejected, also of those in
    the groups of models' own repositories.

    Attributes:
        group_names: physical names by the settings' names.
        group_name: the first group's; empty if there is none.
        approval_topic_arn: the topic; empty if there is none.
    """

    token = "modelyard:platform:ModelRegistry"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ModelRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        self.group_names = {group: self._group(group) for group in args.settings.groups}
        self.group_name: pulumi.Input[str] = next(iter(self.group_names.values()), "")
        self.approval_topic_arn: pulumi.Input[str] = self._approvals() if args.settings.approval_events else ""
        self.register_outputs({"groupNames": self.group_names, "approvalTopicArn": self.approval_topic_arn})

    @property
    def promised(self) -> dict[str, pulumi.Input[Any]]:
        """What the platform's stack promises of it, by the names of `PlatformOutputs`."""
        return {
            "model_package_group": self.group_name,
            "model_package_groups": self.group_names,
            "approval_topic_arn": self.approval_topic_arn,
        }

    def _group(self, word: str) -> pulumi.Output[str]:
        args = self._args
        name, opts = self.child(word)
        group = aws.sagemaker.ModelPackageGroup(
            name,
            model_package_group_name=args.scope.name(word),
            model_package_group_description=f"Models of {args.scope.owner} without a repository of their own",
            opts=opts,
        )
        if args.settings.reader_account_ids:
            name, opts = self.child(f"{word}-readers")
            document = pulumi.Output.all(args.account_id, group.model_package_group_name).apply(
                lambda it: json.dumps(policy.readers(args.scope, it[0], it[1], args.settings.reader_account_ids))
            )
            aws.sagemaker.ModelPackageGroupPolicy(
                name, model_package_group_name=group.model_package_group_name, resource_policy=document, opts=opts
            )
        return group.model_package_group_name

    def _approvals(self) -> pulumi.Output[str]:
        """Make the topic, and the rule that tells it of approvals."""
        scope = self._args.scope
        name, opts = self.child("approvals")
        topic = aws.sns.Topic(
            name,
            name=scope.name("approvals", limit=256),
            kms_master_key_id=self._args.kms_key_arn,
            opts=opts,
        )
        name, opts = self.child("approvals-rule")
        rule = aws.cloudwatch.EventRule(
            name,
            name=scope.name("approvals", limit=64),
            description="Models that wait for approval, are approved or are rejected",
            event_pattern=json.dumps(policy.approvals()),
            opts=opts,
        )
        name, opts = self.child("approvals-policy")
        document = topic.arn.apply(lambda it: json.dumps(policy.topic(it)))
        allowed = aws.sns.TopicPolicy(name, arn=topic.arn, policy=document, opts=opts)
        name, opts = self.child("approvals-target", depends_on=[allowed])
        aws.cloudwatch.EventTarget(name, rule=rule.name, target_id="topic", arn=topic.arn, opts=opts)
        return topic.arn

"""From approval to deployment: a function that moves the endpoint when its group's approvals change."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.model_service import deploy_function, serving
from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.components.model_service.wires import PlatformWires
from modelyard.naming import Scope

_SOURCE = Path(deploy_function.__file__)
_RUNTIME = "python3.13"
_TIMEOUT_SECONDS = 60
_MEMORY_MIB = 256
_NAME_LIMIT = 40  # a version and a digest follow, within 63


@dataclass(frozen=True, kw_only=True)
class DeploymentOnApprovalArgs:
    """Wires of the function.

    Args:
        role_arn: the function's role.
        endpoint: the endpoint's name.
        group: the model package group's name.
        alarm_names: the alarms that a rollout is undone by.
    """

    settings: ModelServiceSettings
    scope: Scope
    platform: PlatformWires
    role_arn: pulumi.Input[str]
    endpoint: str
    group: str
    alarm_names: list[str]


class DeploymentOnApproval(Component):
    """A Lambda function, told by EventBridge of approvals and rejections, that rolls the newest approved model out.

    Attributes:
        function_name: the function.
    """

    token = "modelyard:model:DeploymentOnApproval"  # noqa: S105 - a type token

    def __init__(self, name: str, args: DeploymentOnApprovalArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        called = args.scope.name("deploy", limit=64)
        log_name, log_opts = self.child("log")
        log = aws.cloudwatch.LogGroup(
            log_name,
            name=f"/aws/lambda/{called}",
            retention_in_days=args.settings.log_retention_days,
            kms_key_id=args.platform.kms_key_arn,
            opts=log_opts,
        )
        function = self._function(args, called, log)
        for word, pattern in patterns(args.group, args.endpoint).items():
            self._rule(args, word, pattern, function)
        self.function_name = function.name
        self.register_outputs({"functionName": self.function_name})

    def _function(
        self, args: DeploymentOnApprovalArgs, called: str, log: aws.cloudwatch.LogGroup
    ) -> aws.lambda_.Function:
        name, opts = self.child("function", depends_on=[log])
        rollout = serving.deployment(args.settings, args.alarm_names)
        variables = {
            "GROUP": args.group,
            "ENDPOINT": args.endpoint,
            "NAME": args.scope.name("auto", limit=_NAME_LIMIT),
            "DEPLOYMENT": json.dumps(in_aws_words(rollout)) if rollout else "",
        }
        return aws.lambda_.Function(
            name,
            name=called,
            description=f"Moves {args.endpoint} to the model that was approved last",
            role=args.role_arn,
            runtime=_RUNTIME,
            architectures=["arm64"],
            handler=deploy_function.HANDLER,
            code=pulumi.AssetArchive({_SOURCE.name: pulumi.StringAsset(_SOURCE.read_text(encoding="utf-8"))}),
            timeout=_TIMEOUT_SECONDS,
            memory_size=_MEMORY_MIB,
            environment={"variables": variables},
            opts=opts,
        )

    def _rule(
        self, args: DeploymentOnApprovalArgs, word: str, pattern: dict[str, Any], function: aws.lambda_.Function
    ) -> None:
        name, opts = self.child(f"{word}-rule")
        rule = aws.cloudwatch.EventRule(
            name,
            name=args.scope.name(f"deploy-{word}", limit=64),
            description=f"Tells the function of {word} events of the model",
            event_pattern=json.dumps(pattern),
            opts=opts,
        )
        name, opts = self.child(f"{word}-permission")
        allowed = aws.lambda_.Permission(
            name,
            statement_id=word,
            action="lambda:InvokeFunction",
            function=function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=opts,
        )
        name, opts = self.child(f"{word}-target", depends_on=[allowed])
        aws.cloudwatch.EventTarget(name, rule=rule.name, target_id="function", arn=function.arn, opts=opts)


def patterns(group: str, endpoint: str) -> dict[str, dict[str, Any]]:
    """Return the events that the function is told of, by a word each.

    Args:
        group: the model package group's name.
        endpoint: the endpoint's name.
    """
    approvals = {"ModelPackageGroupName": [group], "ModelApprovalStatus": ["Approved", "Rejected"]}
    return {
        "approval": _sagemaker("SageMaker Model Package State Change", approvals),
        "endpoint": _sagemaker(
            "SageMaker Endpoint State Change", {"EndpointName": [endpoint], "EndpointStatus": ["IN_SERVICE"]}
        ),
    }


def _sagemaker(kind: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {"source": ["aws.sagemaker"], "detail-type": [kind], "detail": detail}


def in_aws_words(value: Any) -> Any:
    """Rewrite Pulumi's names of arguments in AWS's: `canary_size` is `CanarySize`."""
    if isinstance(value, dict):
        return {key.title().replace("_", ""): in_aws_words(item) for key, item in value.items()}
    return [in_aws_words(item) for item in value] if isinstance(value, list) else value

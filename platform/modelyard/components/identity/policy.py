"""Policies of execution roles: pure documents, each statement scoped by ARN or condition.

Which actions SageMaker's jobs need is listed in AWS's developer guide, "SageMaker execution roles".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from modelyard.naming import Scope

Statement = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Realm:
    """What a role may reach.

    Args:
        scope: whose roles they are.
        account_id: twelve digits.
        bucket_arn: the artifact bucket.
        key_arn: the key that encrypts it.
        repository_arn: the image repository.
    """

    scope: Scope
    account_id: str
    bucket_arn: str
    key_arn: str
    repository_arn: str

    def arn(self, service: str, resource: str) -> str:
        """Compose the ARN of something in this account and region."""
        return f"arn:{self.scope.partition}:{service}:{self.scope.region}:{self.account_id}:{resource}"

    def role_arn(self, word: str) -> str:
        """Compose the ARN of one of the execution roles."""
        return f"arn:{self.scope.partition}:iam::{self.account_id}:role/{role_name(self.scope, word)}"


def role_name(scope: Scope, word: str) -> str:
    """Name an execution role."""
    return scope.name(word, limit=64)


def trust(account_id: str, service: str = "sagemaker.amazonaws.com") -> dict[str, Any]:
    """Let a service take a role on behalf of this account alone."""
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        }
    )


def training(realm: Realm) -> dict[str, Any]:
    """Let training and processing jobs read and write artifacts, write logs and metrics, and pull images."""
    return _document(*_data(realm), _logs(realm), _metrics(), *_images(realm), *_network(realm))


def pipeline(realm: Realm) -> dict[str, Any]:
    """Let pipelines start jobs with the training role and register models."""
    jobs = [realm.arn("sagemaker", f"{kind}/*") for kind in ("training-job", "processing-job", "transform-job")]
    models = [realm.arn("sagemaker", f"{kind}/*") for kind in ("model-package", "model-package-group", "model")]
    return _document(
        *_data(realm),
        _allow(
            "Jobs",
            [
                "sagemaker:AddTags",
                "sagemaker:CreateProcessingJob",
                "sagemaker:CreateTrainingJob",
                "sagemaker:CreateTransformJob",
                "sagemaker:DescribeProcessingJob",
                "sagemaker:DescribeTrainingJob",
                "sagemaker:DescribeTransformJob",
                "sagemaker:StopProcessingJob",
                "sagemaker:StopTrainingJob",
                "sagemaker:StopTransformJob",
            ],
            jobs,
        ),
        _allow(
            "Registry",
            [
                "sagemaker:AddTags",
                "sagemaker:CreateModel",
                "sagemaker:CreateModelPackage",
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
            ],
            models,
        ),
        _pass(realm, "training", "pipeline"),
    )


def serving(realm: Realm) -> dict[str, Any]:
    """Let endpoints read models, write captured traffic, logs and metrics, and pull images."""
    return _document(*_data(realm), _logs(realm), _metrics(), *_images(realm), *_network(realm))


def feature_store(realm: Realm) -> dict[str, Any]:
    """Let the feature store write its offline store."""
    acl = _allow("Ownership", ["s3:GetBucketAcl", "s3:PutObjectAcl"], [realm.bucket_arn, f"{realm.bucket_arn}/*"])
    return _document(*_data(realm), acl)


def workspace(realm: Realm) -> dict[str, Any]:
    """Let notebooks work on artifacts and start pipelines."""
    pipelines = [realm.arn("sagemaker", "pipeline/*")]
    actions = ["sagemaker:DescribePipeline", "sagemaker:DescribePipelineExecution", "sagemaker:StartPipelineExecution"]
    return _document(*_data(realm), _logs(realm), _allow("Pipelines", actions, pipelines), *_images(realm))


ROLES: dict[str, Callable[[Realm], dict[str, Any]]] = {
    "training": training,
    "pipeline": pipeline,
    "serving": serving,
    "feature-store": feature_store,
    "workspace": workspace,
}


def _document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(sid: str, actions: list[str], resources: list[str], condition: dict[str, Any] | None = None) -> Statement:
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def _data(realm: Realm) -> list[Statement]:
    return [
        _allow("ListArtifacts", ["s3:GetBucketLocation", "s3:ListBucket"], [realm.bucket_arn]),
        _allow(
            "Artifacts",
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            [f"{realm.bucket_arn}/*"],
        ),
        _allow("Key", ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"], [realm.key_arn]),
        _allow("KeyGrants", ["kms:CreateGrant"], [realm.key_arn], {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
    ]


def _logs(realm: Realm) -> Statement:
    actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    return _allow("Logs", actions, [realm.arn("logs", "log-group:/aws/sagemaker/*")])


def _metrics() -> Statement:
    # CloudWatch has no resource types for this action; its condition key is the scope.
    namespaces = {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "aws/sagemaker/*", "AWS/SageMaker"]}}
    return _allow("Metrics", ["cloudwatch:PutMetricData"], ["*"], namespaces)


def _images(realm: Realm) -> list[Statement]:
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    # A token is not a resource: ECR takes no ARN for it.
    return [_allow("Images", pull, [realm.repository_arn]), _allow("Token", ["ecr:GetAuthorizationToken"], ["*"])]


def _network(realm: Realm) -> list[Statement]:
    kinds = ("network-interface", "subnet", "security-group")
    create = ["ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"]
    describe = [
        "ec2:Describe" + kind for kind in ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    ]
    # EC2's describe calls take no ARN.
    return [
        _allow("Interfaces", create, [realm.arn("ec2", f"{kind}/*") for kind in kinds]),
        _allow("Describe", describe, ["*"], {"StringEquals": {"aws:RequestedRegion": realm.scope.region}}),
    ]


def _pass(realm: Realm, *words: str) -> Statement:
    only = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    return _allow("PassRoles", ["iam:PassRole"], [realm.role_arn(word) for word in words], only)

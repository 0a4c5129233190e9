"""Policies of one model's roles: pure documents, scoped to the model's own prefix and names.

Which actions SageMaker's jobs need is listed in AWS's developer guide, "SageMaker execution roles"; which resources and
conditions an action knows, in the "Service Authorization Reference". What none of a platform's models may ever do is
the permissions boundary's affair (`components/identity`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modelyard.naming import PREVIEWS, Scope

PATH = "/models/"
"""The IAM path of models' roles, so that a platform's boundary can name them all."""
_HEAD = 54  # what a name that was too long for SageMaker begins with

_PENDING = {"StringEqualsIfExists": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}

Statement = dict[str, Any]
Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a model's roles may reach.

    Args:
        scope: whose they are.
        account_id: twelve digits.
        bucket: the artifact bucket.
        data_bucket: the bucket of data that comes from elsewhere.
        capture_bucket: the bucket of what endpoints were asked and answered.
        kms_key_arn: the key that encrypts them.
        alarm_topic_arn: who hears of requests that failed.
    """

    scope: Scope
    account_id: str
    bucket: str
    data_bucket: str
    capture_bucket: str
    kms_key_arn: str
    alarm_topic_arn: str

    def arn(self, service: str, resource: str) -> str:
        """Compose the ARN of something in this account and region."""
        return f"arn:{self.scope.partition}:{service}:{self.scope.region}:{self.account_id}:{resource}"

    def sagemaker(self, *kinds: str) -> list[str]:
        """Compose the ARNs of the model's own things of some of SageMaker's kinds."""
        return [self.arn("sagemaker", f"{kind}/{self.names}") for kind in kinds]

    def role(self, word: str) -> str:
        """Compose the ARN of one of the model's roles."""
        return f"arn:{self.scope.partition}:iam::{self.account_id}:role{PATH}{role_name(self.scope, word)}"

    def objects(self, bucket: str, *keys: str) -> list[str]:
        """Compose ARNs of a bucket's objects."""
        return [f"arn:{self.scope.partition}:s3:::{bucket}/{key}" for key in keys]

    @property
    def names(self) -> str:
        """The pattern of the names of what the model's stack and functions make."""
        return f"{self.scope.owner}-{self.scope.environment}-"[:_HEAD] + "*"

    @property
    def packages(self) -> list[str]:
        """The model's group in the registry, and its packages."""
        group = self.scope.name("models")
        return [
            self.arn("sagemaker", f"model-package-group/{group}"),
            self.arn("sagemaker", f"model-package/{group}/*"),
        ]


def role_name(scope: Scope, word: str) -> str:
    """Name a role."""
    return scope.name(word, limit=64)


def trust(account_id: str, service: str) -> Document:
    """Let a service take a role on behalf of this account alone."""
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        }
    )


def training(it: Reach) -> Document:
    """Let jobs read data and the model's objects, write below its prefix, and register its models."""
    features = ("BatchGetRecord", "DescribeFeatureGroup", "GetRecord", "PutRecord")
    runs = ("Create*", "End*", "Get*", "ListArtifacts", "Log*", "Search*", "Set*", "Start*", "Update*")
    return _document(
        *_data(it),
        _allow("Data", _s3("GetObject", "GetObjectTagging"), it.objects(it.data_bucket, "*")),
        _allow("ListData", _s3("GetBucketLocation", "ListBucket"), _buckets(it, it.data_bucket)),
        _allow("Captured", _s3("GetObject"), it.objects(it.capture_bucket, f"{it.scope.prefix}/*")),
        _allow("ListCaptured", _s3("ListBucket"), _buckets(it, it.capture_bucket), _below(it.scope.prefix)),
        *_container(it),
        _allow("Features", _sagemaker(*features), [it.arn("sagemaker", "feature-group/*")]),
        _allow(
            "Tracking", [f"sagemaker-mlflow:{run}" for run in runs], [it.arn("sagemaker", "mlflow-tracking-server/*")]
        ),
        *_registry(it),
    )


def serving(it: Reach) -> Document:
    """Let endpoints read the model, write what they are asked and answer, and read features."""
    return _document(
        *_data(it),
        _allow("Capture", _s3("PutObject"), it.objects(it.capture_bucket, f"{it.scope.prefix}/*")),
        *_container(it),
        _allow(
            "Features",
            _sagemaker("BatchGetRecord", "DescribeFeatureGroup", "GetRecord"),
            [it.arn("sagemaker", "feature-group/*")],
        ),
        _allow("Failures", ["sns:Publish"], [it.alarm_topic_arn]),
    )


def pipeline(it: Reach) -> Document:
    """Let pipelines start their jobs with the roles of jobs and endpoints, make models, and register them."""
    kinds = {
        "TrainingJob": "training-job",
        "ProcessingJob": "processing-job",
        "TransformJob": "transform-job",
        "HyperParameterTuningJob": "hyper-parameter-tuning-job",
        "AutoMLJobV2": "automl-job",
    }
    verbs = [f"{verb}{kind}" for verb in ("Create", "Describe") for kind in kinds]
    stops = [f"Stop{kind.removesuffix('V2')}" for kind in kinds]
    jobs = [it.arn("sagemaker", f"{kind}/{name}") for kind in kinds.values() for name in ("pipelines-*", it.names)]
    models = [it.arn("sagemaker", f"model/{name}") for name in ("pipelines-*", it.names)]
    return _document(
        *_data(it),
        _allow("Jobs", _sagemaker(*verbs, *stops, "AddTags", "ListTags"), jobs),
        _allow("Models", _sagemaker("AddTags", "CreateModel", "DescribeModel"), models),
        *_registry(it),
        _pass(it, "training", "serving"),
    )


def events(it: Reach) -> Document:
    """Let rules of EventBridge start the model's pipelines."""
    return _document(_allow("Start", _sagemaker("StartPipelineExecution"), it.sagemaker("pipeline")))


def deploying(it: Reach) -> Document:
    """Let the function move the endpoint to a model that was approved, and clear away what it made before."""
    made = ("model", "endpoint-config")
    log = it.arn("logs", f"log-group:/aws/lambda/{it.scope.name('deploy', limit=64)}:*")
    seen = _sagemaker("DescribeModelPackage", "ListModelPackages", "DescribeModelPackageGroup")
    change = ("AddTags", "CreateEndpointConfig", "CreateModel", "DeleteEndpointConfig", "DeleteModel", "ListTags")
    look = ("DescribeEndpoint", "DescribeEndpointConfig", "DescribeModel", "ListTags")
    here = {"StringEquals": {"aws:RequestedRegion": it.scope.region}}
    return _document(
        _allow("Registry", seen, it.packages),
        _allow("Make", _sagemaker(*change), it.sagemaker(*made)),
        _allow("Look", _sagemaker(*look), it.sagemaker("endpoint", *made)),
        _allow("Move", _sagemaker("UpdateEndpoint"), it.sagemaker("endpoint", "endpoint-config")),
        # Neither takes an ARN.
        _allow("List", _sagemaker("ListEndpointConfigs", "ListModels"), ["*"], here),
        _allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [log]),
        _pass(it, "serving"),
    )


def _data(it: Reach) -> list[Statement]:
    """Read the model's objects, its branches' and its other environments' among them; write those of this one."""
    ours = [f"{root}/{it.scope.owner}/*" for root in ("models", PREVIEWS)]
    reading = ("Decrypt", "DescribeKey")
    writing = ("Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo")
    return [
        _allow("Read", _s3("GetObject", "GetObjectTagging"), it.objects(it.bucket, *ours)),
        _allow(
            "Write",
            _s3("AbortMultipartUpload", "DeleteObject", "PutObject", "PutObjectTagging"),
            it.objects(it.bucket, f"{it.scope.prefix}/*"),
        ),
        _allow("Where", _s3("GetBucketLocation"), _buckets(it, it.bucket)),
        _allow("List", _s3("ListBucket"), _buckets(it, it.bucket), _below(*(key[:-2] for key in ours))),
        _allow("Key", [f"kms:{word}" for word in (*reading, *writing)], [it.kms_key_arn]),
        _allow("KeyGrants", ["kms:CreateGrant"], [it.kms_key_arn], {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
    ]


def _container(it: Reach) -> list[Statement]:
    """Write logs and metrics, pull images, and have network interfaces in the VPC."""
    here = {"StringEquals": {"aws:RequestedRegion": it.scope.region}}
    spaces = {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "aws/sagemaker/*", "AWS/SageMaker"]}}
    pull = [f"ecr:{word}" for word in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")]
    words = ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents")
    kinds = ("network-interface", "subnet", "security-group")
    described = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    interfaces = ("CreateNetworkInterface", "CreateNetworkInterfacePermission", "DeleteNetworkInterface")
    return [
        _allow("Logs", [f"logs:{word}" for word in words], [it.arn("logs", "log-group:/aws/sagemaker/*")]),
        _allow("Metrics", ["cloudwatch:PutMetricData"], ["*"], spaces),
        _allow("Images", pull, [it.arn("ecr", "repository/*")]),
        _allow("Token", ["ecr:GetAuthorizationToken"], ["*"]),
        _allow("Interfaces", [f"ec2:{word}" for word in interfaces], [it.arn("ec2", f"{kind}/*") for kind in kinds]),
        _allow("Describe", [f"ec2:Describe{kind}" for kind in described], ["*"], here),
    ]


def _registry(it: Reach) -> list[Statement]:
    """Register models, which somebody else approves: none is there approved already."""
    words = ("AddTags", "DescribeModelPackage", "DescribeModelPackageGroup", "ListModelPackages", "ListTags")
    return [
        _allow("Registry", _sagemaker(*words), it.packages),
        _allow("Register", _sagemaker("CreateModelPackage"), it.packages, _PENDING),
    ]


def _pass(it: Reach, *words: str) -> Statement:
    only = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    return _allow("PassRoles", ["iam:PassRole"], [it.role(word) for word in words], only)


def _below(*prefixes: str) -> dict[str, Any]:
    return {"StringLike": {"s3:prefix": [f"{prefix}/*" for prefix in prefixes]}}


def _buckets(it: Reach, *names: str) -> list[str]:
    return [f"arn:{it.scope.partition}:s3:::{name}" for name in names]


def _s3(*words: str) -> list[str]:
    return [f"s3:{word}" for word in words]


def _sagemaker(*words: str) -> list[str]:
    return [f"sagemaker:{word}" for word in words]


def _allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], condition: dict[str, Any] | None = None
) -> Statement:
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return {**statement, "Condition": condition} if condition else statement


def _document(*statements: Statement) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}

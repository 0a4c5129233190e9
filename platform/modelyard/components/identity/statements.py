"""Statements that several roles share, each scoped by ARN or condition.

Which actions SageMaker's jobs need is listed in AWS's developer guide, "SageMaker execution roles"; which resources and
conditions an action knows, in the "Service Authorization Reference".
"""

from modelyard.components.identity.realm import Condition, Realm, Statement, actions, allow
from modelyard.naming import MODELS, PREVIEWS

_PENDING: Condition = {"StringEqualsIfExists": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
JOB_PREFIXES = (MODELS, PREVIEWS, "people", "mlflow")
"""What the keys of all that jobs write start with: models', branches', people's own, and the runs'."""
PEOPLE_PREFIXES = (
    PREVIEWS,
    "people",
    "mlflow",
    *(f"{MODELS}/*/{it}" for it in ("async", "batch/input", "ground-truth")),
)
"""The same of people: what models are asked and what was true, but not what models are made of."""
JOBS = {
    "HyperParameterTuningJob": "hyper-parameter-tuning-job",
    "ProcessingJob": "processing-job",
    "TrainingJob": "training-job",
    "TransformJob": "transform-job",
}
"""Kinds of jobs: the word in their operations, and that in their ARNs."""


def ours(realm: Realm) -> Condition:
    """Limit to what a stack of this environment, or of a model or branch on it, made: its tags say so."""
    return {"StringEquals": {"aws:ResourceTag/modelyard:platform": realm.scope.environment}}


def becoming_ours(realm: Realm) -> Condition:
    """Limit to what is tagged as of this environment by the same request, and is of no other one."""
    tag, environment = "modelyard:platform", realm.scope.environment
    return {
        "StringEquals": {f"aws:RequestTag/{tag}": environment},
        "StringEqualsIfExists": {f"aws:ResourceTag/{tag}": environment},
    }


def data(realm: Realm, *prefixes: str) -> list[Statement]:
    """Read data and artifacts, and write artifacts below some prefixes alone."""
    return [*write_data(realm, *prefixes), read_bucket("Data", realm.data_bucket_arn)]


def read_data(realm: Realm) -> list[Statement]:
    """Read artifacts."""
    return [
        read_bucket("Artifacts", realm.bucket_arn),
        allow("ReadKey", actions("kms", "Decrypt", "DescribeKey"), [realm.key_arn]),
    ]


def read_bucket(word: str, arn: str) -> Statement:
    """Read all of a bucket."""
    words = actions("s3", "GetBucketLocation", "GetObject", "GetObjectTagging", "ListBucket")
    return allow(f"Read{word}", words, [arn, f"{arn}/*"])


def write_data(realm: Realm, *prefixes: str) -> list[Statement]:
    """Read artifacts, and write those below some prefixes alone."""
    return [*read_data(realm), _write(realm, [f"{prefix}/*" for prefix in prefixes]), _encrypt(realm)]


def capture(realm: Realm) -> Statement:
    """Write what an endpoint was asked and answered."""
    return allow("Capture", ["s3:PutObject"], [f"{realm.capture_bucket_arn}/*"])


def _write(realm: Realm, keys: list[str]) -> Statement:
    words = actions("s3", "AbortMultipartUpload", "DeleteObject", "PutObject", "PutObjectTagging")
    return allow("WriteArtifacts", words, [f"{realm.bucket_arn}/{key}" for key in keys])


def _encrypt(realm: Realm) -> Statement:
    words = ("Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo")
    return allow("WriteKey", actions("kms", *words), [realm.key_arn])


def grants(realm: Realm) -> Statement:
    """Let AWS's services use the key for volumes."""
    only = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return allow("KeyGrants", ["kms:CreateGrant"], [realm.key_arn], only)


def logs(realm: Realm) -> Statement:
    """Write the logs of jobs and endpoints."""
    words = actions("logs", "CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents")
    return allow("Logs", words, [realm.arn("logs", "log-group:/aws/sagemaker/*")])


def read_logs(realm: Realm) -> Statement:
    """Read the logs of jobs, endpoints and events."""
    words = actions("logs", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents", "GetQueryResults", "StartQuery")
    groups = ("/aws/sagemaker/*", f"/aws/events/{realm.own_names}")
    return allow("ReadLogs", words, [realm.arn("logs", f"log-group:{group}") for group in groups])


def metrics() -> Statement:
    """Write the metrics of jobs and endpoints."""
    # CloudWatch has no resource types for this action; its condition key is the scope.
    namespaces = {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "aws/sagemaker/*", "AWS/SageMaker"]}}
    return allow("Metrics", ["cloudwatch:PutMetricData"], ["*"], namespaces)


def images(realm: Realm) -> list[Statement]:
    """Pull images."""
    pull = actions("ecr", "BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
    # A token is not a resource: ECR takes no ARN for it.
    return [allow("Images", pull, [realm.repository_arn]), allow("Token", ["ecr:GetAuthorizationToken"], ["*"])]


def network(realm: Realm) -> list[Statement]:
    """Have network interfaces in the VPC."""
    kinds = ("network-interface", "subnet", "security-group")
    create = ["ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"]
    describe = [
        "ec2:Describe" + kind for kind in ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    ]
    # EC2's describe calls take no ARN.
    return [
        allow("Interfaces", create, [realm.arn("ec2", f"{kind}/*") for kind in kinds]),
        allow("Describe", describe, ["*"], in_region(realm)),
    ]


def in_region(realm: Realm) -> Condition:
    """Limit what takes no ARN to this region."""
    return {"StringEquals": {"aws:RequestedRegion": realm.scope.region}}


def jobs(realm: Realm) -> list[Statement]:
    """Start, see and stop jobs."""
    create = actions("sagemaker", *(f"Create{word}" for word in JOBS))
    return [allow("StartJobs", create, realm.sagemaker(*JOBS.values())), _follow_jobs(realm)]


def guarded_jobs(realm: Realm) -> list[Statement]:
    """Start jobs inside the VPC on encrypted volumes, and see and stop all."""
    encrypted = {"sagemaker:VolumeKmsKey": "false"}
    inside = [word for word in JOBS if word != "TransformJob"]  # a transform job is where its model is
    return [
        allow(
            "StartJobs",
            actions("sagemaker", *(f"Create{word}" for word in inside)),
            realm.sagemaker(*(JOBS[word] for word in inside)),
            {"Null": {**encrypted, "sagemaker:VpcSubnets": "false"}},
        ),
        allow(
            "StartTransforms", ["sagemaker:CreateTransformJob"], realm.sagemaker("transform-job"), {"Null": encrypted}
        ),
        _follow_jobs(realm),
    ]


def _follow_jobs(realm: Realm) -> Statement:
    words = [f"{verb}{word}" for verb in ("Describe", "Stop") for word in JOBS]
    return allow("FollowJobs", actions("sagemaker", "AddTags", "ListTags", *words), realm.sagemaker(*JOBS.values()))


def pipelines(realm: Realm) -> list[str]:
    """Compose the ARNs of all pipelines and of their executions."""
    return [*realm.sagemaker("pipeline"), *executions(realm)]


def executions(realm: Realm) -> list[str]:
    """Compose the ARNs of all pipelines' executions, of which SageMaker knows no tags."""
    return [realm.arn("sagemaker", "pipeline/*/execution/*")]


def registry(realm: Realm) -> list[Statement]:
    """Register models, which somebody else approves: none is there approved already."""
    words = ("AddTags", "DescribeModelPackage", "DescribeModelPackageGroup", "ListModelPackages", "ListTags")
    packages = realm.sagemaker("model-package", "model-package-group")
    return [
        allow("Registry", actions("sagemaker", *words), packages),
        allow("Register", actions("sagemaker", "CreateModelPackage"), packages, _PENDING),
    ]


def features(realm: Realm, *, write: bool) -> Statement:
    """Read the feature groups of this environment, and write records to them."""
    words = ["BatchGetRecord", "DescribeFeatureGroup", "DescribeFeatureMetadata", "GetRecord"]
    words += ["PutRecord"] if write else []
    return allow("Features", actions("sagemaker", *words), [realm.arn("sagemaker", f"feature-group/{realm.own_names}")])


def tracking(realm: Realm) -> Statement:
    """Record runs and models on the environment's tracking server."""
    words = ("Create*", "End*", "Get*", "ListArtifacts", "Log*", "Search*", "Set*", "Start*", "Update*")
    server = realm.arn("sagemaker", f"mlflow-tracking-server/{realm.own_names}")
    return allow("Tracking", actions("sagemaker-mlflow", *words), [server])


def lists(realm: Realm) -> Statement:
    """See what there is: SageMaker's lists take no ARN."""
    words = (
        "ListDomains",
        "ListEndpointConfigs",
        "ListEndpoints",
        "ListFeatureGroups",
        "ListHyperParameterTuningJobs",
        "ListMlflowTrackingServers",
        "ListModelPackageGroups",
        "ListModels",
        "ListPipelines",
        "ListProcessingJobs",
        "ListTrainingJobs",
        "ListTransformJobs",
        "ListUserProfiles",
    )
    return allow("Lists", actions("sagemaker", *words), ["*"], in_region(realm))


def read_metrics(realm: Realm) -> Statement:
    """Read metrics and dashboards' names, which take no ARN."""
    words = actions("cloudwatch", "GetMetricData", "ListDashboards", "ListMetrics")
    return allow("ReadMetrics", words, ["*"], in_region(realm))


def pass_roles(realm: Realm, *words: str) -> Statement:
    """Hand roles to SageMaker, and to nobody else."""
    only = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    return allow("PassRoles", ["iam:PassRole"], [realm.role_arn(word) for word in words], only)

"""Policies of people's roles: data scientists, who work, here or in notebooks, and readers, who only look."""

from collections.abc import Callable

from modelyard.components.identity import statements as may
from modelyard.components.identity.realm import Document, Realm, Statement, actions, allow, document

_PIPELINE_READS = (
    "DescribePipeline",
    "DescribePipelineDefinitionForExecution",
    "DescribePipelineExecution",
    "ListPipelineExecutionSteps",
    "ListPipelineExecutions",
    "ListPipelineParametersForExecution",
)
_ROLE_READS = ("GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies", "ListRoleTags")
_BUCKET_READS = (
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketPolicy",
    "GetBucketPublicAccessBlock",
    "GetBucketVersioning",
    "GetEncryptionConfiguration",
    "GetLifecycleConfiguration",
    "ListBucket",
)


def data_scientist(realm: Realm) -> Document:
    """Let data scientists work: data, jobs inside the VPC, pipelines, features, registration, invocation, notebooks.

    They don't approve models, and they change nothing that a stack made.
    """
    end = actions("sagemaker", "RetryPipelineExecution", "StopPipelineExecution")
    endpoints = actions("sagemaker", "DescribeEndpoint", "InvokeEndpoint", "InvokeEndpointAsync")
    return document(
        *may.data(realm, *may.PEOPLE_PREFIXES),
        *may.guarded_jobs(realm),
        allow("Pipelines", actions("sagemaker", *_PIPELINE_READS), may.pipelines(realm)),
        allow("Run", ["sagemaker:StartPipelineExecution"], realm.sagemaker("pipeline"), may.ours(realm)),
        allow("End", end, may.executions(realm)),
        *may.registry(realm),
        may.features(realm, write=True),
        may.tracking(realm),
        allow("Endpoints", endpoints, realm.sagemaker("endpoint"), may.ours(realm)),
        allow("Workspace", _studio(), realm.sagemaker("domain", "user-profile"), may.ours(realm)),
        may.lists(realm),
        may.read_logs(realm),
        may.read_metrics(realm),
        may.pass_roles(realm, "training", "processing", "pipeline"),
    )


def workspace(realm: Realm) -> Document:
    """Let notebooks do what their data scientists may do, and run."""
    own = [may.logs(realm), may.grants(realm), *may.images(realm), *may.network(realm)]
    return document(*data_scientist(realm)["Statement"], *own)


def reader(realm: Realm) -> Document:
    """Let readers see what there is, how it is set up and how it does, but none of the data."""
    buckets = [f"arn:{realm.scope.partition}:s3:::{realm.own_names}"]
    return document(
        allow("Buckets", actions("s3", *_BUCKET_READS), buckets),
        allow("Keys", actions("kms", "DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus"), [realm.key_arn]),
        allow("Roles", actions("iam", *_ROLE_READS), [realm.iam_arn(f"role/{realm.own_names}")]),
        allow("Images", actions("ecr", "DescribeImages", "DescribeRepositories", "ListImages"), [realm.repository_arn]),
        allow("Pipelines", actions("sagemaker", *_PIPELINE_READS), may.pipelines(realm)),
        *_described(realm),
        may.lists(realm),
        may.read_logs(realm),
        may.read_metrics(realm),
    )


NOTEBOOKS: dict[str, Callable[[Realm], Document]] = {"workspace": workspace}
"""The execution roles of people's notebooks, by the word in their names."""
PEOPLE: dict[str, Callable[[Realm], Document]] = {"data-scientist": data_scientist, "reader": reader}
"""People's roles, by the word in their names."""


def _described(realm: Realm) -> list[Statement]:
    kinds = {
        "TrainingJob": "training-job",
        "ProcessingJob": "processing-job",
        "Model": "model",
        "ModelPackageGroup": "model-package-group",
        "ModelPackage": "model-package",
        "EndpointConfig": "endpoint-config",
        "Endpoint": "endpoint",
        "FeatureGroup": "feature-group",
        "Domain": "domain",
        "UserProfile": "user-profile",
        "MlflowTrackingServer": "mlflow-tracking-server",
    }
    arns = realm.sagemaker(*kinds.values())
    words = [f"Describe{word}" for word in kinds]
    alarms = realm.arn("cloudwatch", "alarm:*")
    return [
        allow("Described", actions("sagemaker", "ListTags", *words), arns),
        allow("Alarms", ["cloudwatch:DescribeAlarms"], [alarms]),
    ]


def _studio() -> list[str]:
    return actions("sagemaker", "CreatePresignedDomainUrl", "DescribeDomain", "DescribeUserProfile")

"""Policies of the execution roles: pure documents, one for each kind of work."""

from collections.abc import Callable

from modelyard.components.identity import statements as may
from modelyard.components.identity.realm import MODELS_PATH, Document, Realm, Statement, actions, allow, document, trust
from modelyard.naming import MODELS, PREVIEWS

_OF_MODELS = (MODELS, PREVIEWS)
"""The prefixes of what models write: those of environments, and those of branches."""

__all__ = ["ROLES", "Realm", "trust"]


def training(realm: Realm) -> Document:
    """Let training jobs read and write artifacts, write logs, metrics and runs, read features and pull images."""
    return document(*_job(realm), may.features(realm, write=False), may.tracking(realm), *may.registry(realm))


def processing(realm: Realm) -> Document:
    """Let processing jobs do what training jobs do, and write features."""
    return document(*_job(realm), may.features(realm, write=True), may.tracking(realm))


def monitor(realm: Realm) -> Document:
    """Let monitors read captured traffic and baselines, and write reports below the models' prefixes."""
    return document(
        *may.write_data(realm, *_OF_MODELS),
        may.read_bucket("Capture", realm.capture_bucket_arn),
        may.grants(realm),
        may.logs(realm),
        may.metrics(),
        *may.images(realm),
        *may.network(realm),
        allow("Endpoints", actions("sagemaker", "DescribeEndpoint", "DescribeEndpointConfig"), _served(realm)),
    )


def pipeline(realm: Realm) -> Document:
    """Let pipelines start jobs with the roles of jobs, and register models."""
    models = realm.sagemaker("model")
    return document(
        *may.data(realm, *may.JOB_PREFIXES),
        *may.jobs(realm),
        *may.registry(realm),
        allow("Models", actions("sagemaker", "AddTags", "CreateModel", "DescribeModel"), models),
        may.pass_roles(realm, "training", "processing", "pipeline"),
    )


def serving(realm: Realm) -> Document:
    """Let endpoints read models and features, write captured traffic, logs and metrics, and pull images."""
    return document(
        *may.write_data(realm, *_OF_MODELS),
        may.capture(realm),
        may.grants(realm),
        may.logs(realm),
        may.metrics(),
        *may.images(realm),
        *may.network(realm),
        may.features(realm, write=False),
    )


def feature_store(realm: Realm) -> Document:
    """Let the feature store write its offline store and keep that in Glue's catalog."""
    catalog = ("catalog", "database/sagemaker_featurestore", "table/sagemaker_featurestore/*")
    glue = actions("glue", "CreateDatabase", "CreateTable", "GetDatabase", "GetTable", "UpdateTable")
    return document(
        *may.write_data(realm, "feature-store"),
        allow("BucketOwner", ["s3:GetBucketAcl"], [realm.bucket_arn]),
        allow("ObjectOwner", ["s3:PutObjectAcl"], [f"{realm.bucket_arn}/feature-store/*"]),
        allow("Catalog", glue, [realm.arn("glue", resource) for resource in catalog]),
    )


def models(realm: Realm) -> Document:
    """Let models' own roles do what those above don't: the most that `components/model_service` gives them.

    They are made by the models' stacks, below a path of their own, and carry the same boundary.
    """
    only = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    made = realm.sagemaker("endpoint", "endpoint-config", "model")
    changes = ("CreateEndpointConfig", "DeleteEndpointConfig", "DeleteModel", "ListTags", "UpdateEndpoint")
    automl = actions("sagemaker", "CreateAutoMLJobV2", "DescribeAutoMLJobV2", "StopAutoMLJob")
    return document(
        allow("PassRoles", ["iam:PassRole"], [realm.iam_arn(f"role/{MODELS_PATH}/*")], only),
        allow("Pipelines", actions("sagemaker", "StartPipelineExecution"), realm.sagemaker("pipeline")),
        allow("Models", actions("sagemaker", *changes), made),
        allow("Lists", actions("sagemaker", "ListEndpointConfigs", "ListModels"), ["*"], may.in_region(realm)),
        allow("AutoMl", automl, realm.sagemaker("automl-job")),
        allow("FunctionLogs", actions("logs", "CreateLogStream", "PutLogEvents"), [_function_logs(realm)]),
        allow("Failures", ["sns:Publish"], [realm.arn("sns", realm.own_names)]),
    )


ROLES: dict[str, Callable[[Realm], Document]] = {
    "training": training,
    "processing": processing,
    "pipeline": pipeline,
    "serving": serving,
    "monitor": monitor,
    "feature-store": feature_store,
}
"""The execution roles of jobs and services, by the word in their names."""


def _job(realm: Realm) -> list[Statement]:
    return [
        *may.data(realm, *may.JOB_PREFIXES),
        may.grants(realm),
        may.logs(realm),
        may.metrics(),
        *may.images(realm),
        *may.network(realm),
    ]


def _function_logs(realm: Realm) -> str:
    return realm.arn("logs", "log-group:/aws/lambda/*")


def _served(realm: Realm) -> list[str]:
    return realm.sagemaker("endpoint", "endpoint-config")

"""Policies of the execution roles: pure documents, one for each kind of work."""

from collections.abc import Callable

from modelyard.components.identity import statements as may
from modelyard.components.identity.realm import Document, Realm, Statement, actions, allow, document, trust
from modelyard.naming import PREVIEWS

_OF_MODELS = ("models", PREVIEWS)
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
        *may.data(realm),
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
        *may.data(realm),
        may.grants(realm),
        may.logs(realm),
        may.metrics(),
        *may.images(realm),
        *may.network(realm),
    ]


def _served(realm: Realm) -> list[str]:
    return realm.sagemaker("endpoint", "endpoint-config")

"""The feature groups that SageMaker has: read when something is to change, and given the features that are new."""

import time
from collections.abc import Mapping
from typing import Any

import pulumi

from modelyard.components.feature_store.evolution import LiveGroup, WantedGroup, additions, obstacles
from modelyard.naming import Scope

_MOST_ADDITIONS = 100  # of one UpdateFeatureGroup
_PATIENCE_SECONDS = 300.0
_PAUSE_SECONDS = 0.2


class EvolutionError(Exception):
    """A feature group can't become what the settings say."""


def groups(scope: Scope) -> list[LiveGroup]:
    """Return the groups that this stack made, known by their name and tags.

    Raises:
        botocore.exceptions.ClientError: SageMaker refused to answer.
    """
    client = _client(scope)
    start = f"{scope.owner}-{scope.environment}-"
    tags = {"modelyard:project": pulumi.get_project(), "modelyard:environment": scope.environment}
    pages = client.get_paginator("list_feature_groups").paginate(NameContains=start)
    listed = [item for page in pages for item in page["FeatureGroupSummaries"]]
    own = [item["FeatureGroupName"] for item in listed if item["FeatureGroupName"].startswith(start)]
    return [LiveGroup.of(answer) for name in own if (answer := _described(client, name, tags))]


def evolve(scope: Scope, wanted: WantedGroup) -> None:
    """Add the features that a group lacks, wait until it has them, and set their descriptions.

    Raises:
        EvolutionError: it would have to lose something, or SageMaker failed.
    """
    client = _client(scope)
    live = LiveGroup.of(client.describe_feature_group(FeatureGroupName=wanted.name))
    problems = obstacles(live, wanted)
    if problems:
        raise EvolutionError(f"{wanted.name}: {'; '.join(problems)}")
    new = [{"FeatureName": name, "FeatureType": kind} for name, kind in additions(live, wanted).items()]
    for first in range(0, len(new), _MOST_ADDITIONS):
        client.update_feature_group(FeatureGroupName=wanted.name, FeatureAdditions=new[first : first + _MOST_ADDITIONS])
        _wait(client, wanted.name)
    describe(scope, wanted)


def describe(scope: Scope, wanted: WantedGroup) -> None:
    """Set the descriptions of a group's features where they are others."""
    client = _client(scope)
    for name, feature in wanted.group.features.items():
        where = {"FeatureGroupName": wanted.name, "FeatureName": name}
        known = client.describe_feature_metadata(**where).get("Description", "")
        if known != feature.description:
            client.update_feature_metadata(**where, Description=feature.description)


def _client(scope: Scope) -> Any:
    import boto3  # only a change of features needs it

    return boto3.client("sagemaker", region_name=scope.region)


def _described(client: Any, name: str, tags: Mapping[str, str]) -> Any:
    answer = client.describe_feature_group(FeatureGroupName=name)
    found = {item["Key"]: item["Value"] for item in client.list_tags(ResourceArn=answer["FeatureGroupArn"])["Tags"]}
    return answer if all(found.get(key) == value for key, value in tags.items()) else None


def _wait(client: Any, name: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        answer = client.describe_feature_group(FeatureGroupName=name)
        status = (answer.get("LastUpdateStatus") or {}).get("Status", "Successful")
        if status == "Failed":
            raise EvolutionError(
                f"{name}: {answer['LastUpdateStatus'].get('FailureReason', 'SageMaker gave no reason')}"
            )
        if status == "Successful" and answer["FeatureGroupStatus"] == "Created":
            return
        if time.monotonic() > deadline:
            raise EvolutionError(f"{name} is not ready after {_PATIENCE_SECONDS:g} s")
        time.sleep(_PAUSE_SECONDS)

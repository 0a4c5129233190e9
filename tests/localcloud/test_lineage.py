"""Lineage: entities by hand, and what jobs and the registry write by themselves."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Cloud, until

SOURCE = {"SourceUri": "s3://work/lineage/data", "SourceTypes": [{"SourceIdType": "S3ETag", "Value": "x"}]}


def code(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**request)
    return str(refused.value.response["Error"]["Code"])


def test_artifacts_are_made_read_changed_listed_and_deleted(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    made = [
        sagemaker.create_artifact(ArtifactName=f"a{n}", Source=SOURCE, ArtifactType="Probe")["ArtifactArn"]
        for n in range(3)
    ]
    sagemaker.update_artifact(ArtifactArn=made[0], ArtifactName="new", Properties={"a": "1", "b": "2"})
    sagemaker.update_artifact(ArtifactArn=made[0], PropertiesToRemove=["b"])
    found = sagemaker.describe_artifact(ArtifactArn=made[0])
    assert (found["ArtifactName"], found["Properties"], found["Source"]) == ("new", {"a": "1"}, SOURCE)
    pages = sagemaker.get_paginator("list_artifacts").paginate(
        ArtifactType="Probe", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    assert [[item["ArtifactArn"] for item in page["ArtifactSummaries"]] for page in pages] == [made[:2], made[2:]]
    sagemaker.delete_artifact(ArtifactArn=made[0])
    assert code(sagemaker.describe_artifact, ArtifactArn=made[0]) == "ResourceNotFound"
    assert code(sagemaker.update_artifact, ArtifactArn=made[0]) == "ResourceNotFound"
    assert code(sagemaker.delete_artifact, ArtifactArn=made[0]) == "ResourceNotFound"


@pytest.mark.parametrize("kind", ["action", "context"])
def test_actions_and_contexts_are_made_read_changed_listed_and_deleted(cloud: Cloud, kind: str) -> None:
    sagemaker, word = cloud.client("sagemaker"), kind.title()

    def call(verb: str, **request: Any) -> Any:
        return getattr(sagemaker, f"{verb}_{kind}")(**request)

    for number in range(3):
        call("create", **{f"{word}Name": f"probe-{number}", "Source": {"SourceUri": "u"}, f"{word}Type": "Probe"})
    again = {f"{word}Name": "probe-0", "Source": {"SourceUri": "u"}, f"{word}Type": "Probe"}
    assert code(getattr(sagemaker, f"create_{kind}"), **again) == "ValidationException"
    call("update", **{f"{word}Name": "probe-0", "Description": "new", "Properties": {"a": "1"}})
    found = call("describe", **{f"{word}Name": "probe-0"})
    assert (found["Description"], found["Properties"]) == ("new", {"a": "1"})
    pages = sagemaker.get_paginator(f"list_{kind}s").paginate(
        **{f"{word}Type": "Probe"}, SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    names = [[item[f"{word}Name"] for item in page[f"{word}Summaries"]] for page in pages]
    assert names == [["probe-0", "probe-1"], ["probe-2"]]
    for number in range(3):
        call("delete", **{f"{word}Name": f"probe-{number}"})
    for verb in ("describe", "update", "delete"):
        assert code(getattr(sagemaker, f"{verb}_{kind}"), **{f"{word}Name": "probe-0"}) == "ResourceNotFound"


def test_associations_are_made_followed_and_taken_apart(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    one, two, three = (
        sagemaker.create_artifact(ArtifactName=name, Source=SOURCE, ArtifactType="Chain")["ArtifactArn"]
        for name in ("one", "two", "three")
    )
    sagemaker.add_association(SourceArn=one, DestinationArn=two, AssociationType="ContributedTo")
    sagemaker.add_association(SourceArn=two, DestinationArn=three)
    listed = sagemaker.list_associations(SourceArn=one)["AssociationSummaries"]
    assert [
        (it["DestinationArn"], it["AssociationType"], it["SourceType"], it["DestinationName"]) for it in listed
    ] == [(two, "ContributedTo", "Chain", "two")]
    answer = sagemaker.query_lineage(StartArns=[one], Direction="Descendants", IncludeEdges=True)
    assert [vertex["Arn"] for vertex in answer["Vertices"]] == [two, three]
    assert [edge["AssociationType"] for edge in answer["Edges"]] == ["ContributedTo", "AssociatedWith"]
    near = sagemaker.query_lineage(StartArns=[three], Direction="Ascendants", MaxDepth=1)
    assert [vertex["Arn"] for vertex in near["Vertices"]] == [two]
    assert code(sagemaker.add_association, SourceArn=one, DestinationArn=two) == "ValidationException"
    assert code(sagemaker.delete_artifact, ArtifactArn=two) == "ValidationException"
    assert code(sagemaker.add_association, SourceArn=one, DestinationArn=f"{one[:-4]}none") == "ResourceNotFound"
    sagemaker.delete_association(SourceArn=one, DestinationArn=two)
    assert code(sagemaker.delete_association, SourceArn=one, DestinationArn=two) == "ResourceNotFound"


def test_a_model_s_way_from_its_data_to_its_approval(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    data = cloud.put("lineage/rows/a.csv", "1")
    uri = data.rpartition("/")[0]
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
    job = cloud.train("descends", "", InputDataConfig=[{"ChannelName": "train", "DataSource": source}])
    model = job["ModelArtifacts"]["S3ModelArtifacts"]
    until(lambda: sagemaker.list_artifacts(SourceUri=model)["ArtifactSummaries"], bool)
    sagemaker.create_model_package_group(ModelPackageGroupName="descends")
    package = sagemaker.create_model_package(
        ModelPackageGroupName="descends",
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [{"Image": "sklearn", "ModelDataUrl": model}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]
    start = sagemaker.list_artifacts(SourceUri=uri)["ArtifactSummaries"][0]["ArtifactArn"]
    found = sagemaker.query_lineage(StartArns=[start], Direction="Descendants", IncludeEdges=True)
    assert [(vertex["LineageType"], vertex["Type"]) for vertex in found["Vertices"]] == [
        ("TrialComponent", "SageMakerJob"),
        ("Artifact", "Model"),
        ("Artifact", "ModelPackage"),
        ("Action", "Approval"),
    ]
    kinds = [edge["AssociationType"] for edge in found["Edges"]]
    assert kinds == ["ContributedTo", "Produced", "DerivedFrom", "ContributedTo"]
    version = sagemaker.list_artifacts(SourceUri=package)["ArtifactSummaries"][0]["ArtifactArn"]
    groups = sagemaker.list_associations(DestinationArn=version, SourceType="ModelGroup")["AssociationSummaries"]
    assert [item["SourceName"] for item in groups] == ["descends-aws-model-group"]

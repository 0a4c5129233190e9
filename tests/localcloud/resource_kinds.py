"""The kinds of resources that the conformance suite asks for, and how."""

import json
from dataclasses import dataclass, field
from typing import Any

from .conftest import ROLE

RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
ALGORITHM = {"TrainingImage": "mine", "TrainingInputMode": "File", "ContainerEntrypoint": ["true"]}
TUNED = {
    "TrainingImage": "mine",
    "TrainingInputMode": "File",
    "MetricDefinitions": [{"Name": "m", "Regex": "m=([0-9.]+)"}],
}
S3 = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://conformance/data/"}}
PIPELINE = json.dumps(
    {"Version": "2020-12-01", "Steps": [{"Name": "C", "Type": "Condition", "Arguments": {"Conditions": []}}]}
)
TOKEN = "t" * 32


@dataclass(frozen=True)
class Kind:
    """One kind of resource and how it is asked for.

    Args:
        name: as its operations call it.
        key: the parameter that names one.
        create: what a create request has besides the name.
        listed: the List operation's member, and the field of a summary that holds the name.
        update: what an update request changes; None if there is none.
        missing: the code of a request for one that isn't there.
        again: the code of a second create of the same name.
        wrong: what makes a create request invalid.
        plural: as the List operation calls it.
        suffix: of its operations, such as V2.
        stops: whether it is a job that can be stopped.
        deletes: whether it can be deleted.
    """

    name: str
    key: str
    create: dict[str, Any]
    listed: tuple[str, str]
    update: dict[str, Any] | None = None
    missing: str = "ValidationException"
    again: str = "ValidationException"
    wrong: dict[str, Any] = field(default_factory=dict)
    plural: str = ""
    suffix: str = ""
    stops: bool = False
    deletes: bool = True

    def operation(self, verb: str) -> str:
        return f"{verb}{self.plural or self.name + 's'}" if verb == "List" else f"{verb}{self.name}{self.suffix}"


DEFINITION = {
    "AlgorithmSpecification": TUNED,
    "StaticHyperParameters": {"a": "1"},
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://conformance/tuned"},
    "ResourceConfig": RESOURCES,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}
KINDS = (
    Kind(
        "Model",
        "ModelName",
        {"PrimaryContainer": {"Image": "mine", "ModelDataUrl": "s3://conformance/m.tar.gz"}, "ExecutionRoleArn": ROLE},
        ("Models", "ModelName"),
        wrong={"ExecutionRoleArn": "nobody-at-all-is-this-role"},
    ),
    Kind(
        "EndpointConfig",
        "EndpointConfigName",
        {
            "ProductionVariants": [
                {
                    "VariantName": "a",
                    "ModelName": "conformance",
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": 1,
                }
            ]
        },
        ("EndpointConfigs", "EndpointConfigName"),
        wrong={"ProductionVariants": []},
    ),
    Kind(
        "TrainingJob",
        "TrainingJobName",
        {
            "AlgorithmSpecification": ALGORITHM,
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": "s3://conformance/trained"},
            "ResourceConfig": RESOURCES,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        },
        ("TrainingJobSummaries", "TrainingJobName"),
        again="ResourceInUse",
        wrong={"RoleArn": "x"},
        stops=True,
    ),
    Kind(
        "ProcessingJob",
        "ProcessingJobName",
        {
            "AppSpecification": {"ImageUri": "mine", "ContainerEntrypoint": ["true"]},
            "RoleArn": ROLE,
            "ProcessingResources": {"ClusterConfig": RESOURCES},
        },
        ("ProcessingJobSummaries", "ProcessingJobName"),
        again="ResourceInUse",
        wrong={"RoleArn": "x"},
        stops=True,
    ),
    Kind(
        "TransformJob",
        "TransformJobName",
        {
            "ModelName": "conformance",
            "TransformInput": {"DataSource": S3},
            "TransformOutput": {"S3OutputPath": "s3://conformance/out"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
        ("TransformJobSummaries", "TransformJobName"),
        again="ResourceInUse",
        wrong={"MaxPayloadInMB": 101},
        stops=True,
        deletes=False,
    ),
    Kind(
        "HyperParameterTuningJob",
        "HyperParameterTuningJobName",
        {
            "HyperParameterTuningJobConfig": {
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "m"},
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
                "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "c", "Values": ["1"]}]},
            },
            "TrainingJobDefinition": DEFINITION,
        },
        ("HyperParameterTuningJobSummaries", "HyperParameterTuningJobName"),
        missing="ResourceNotFound",
        again="ResourceInUse",
        wrong={"TrainingJobDefinition": {**DEFINITION, "RoleArn": "x"}},
        stops=True,
    ),
    Kind(
        "AutoMLJob",
        "AutoMLJobName",
        {
            "AutoMLJobInputDataConfig": [{"ChannelType": "training", "DataSource": S3}],
            "OutputDataConfig": {"S3OutputPath": "s3://conformance/automl"},
            "AutoMLProblemTypeConfig": {"TabularJobConfig": {"TargetAttributeName": "y"}},
            "RoleArn": ROLE,
        },
        ("AutoMLJobSummaries", "AutoMLJobName"),
        again="ResourceInUse",
        wrong={"AutoMLProblemTypeConfig": {"ImageClassificationJobConfig": {}}},
        suffix="V2",
        plural="AutoMLJobs",
        deletes=False,
        stops=True,
    ),
    Kind(
        "Pipeline",
        "PipelineName",
        {"PipelineDefinition": PIPELINE, "RoleArn": ROLE, "ClientRequestToken": TOKEN},
        ("PipelineSummaries", "PipelineName"),
        update={"PipelineDescription": "new"},
        missing="ResourceNotFound",
        wrong={"PipelineDefinition": "{}"},
    ),
    Kind(
        "ModelPackageGroup",
        "ModelPackageGroupName",
        {"ModelPackageGroupDescription": "one"},
        ("ModelPackageGroupSummaryList", "ModelPackageGroupName"),
        wrong={"ModelPackageGroupDescription": "x" * 1025},
    ),
    Kind(
        "FeatureGroup",
        "FeatureGroupName",
        {
            "RecordIdentifierFeatureName": "id",
            "EventTimeFeatureName": "at",
            "FeatureDefinitions": [
                {"FeatureName": "id", "FeatureType": "String"},
                {"FeatureName": "at", "FeatureType": "String"},
            ],
            "OnlineStoreConfig": {"EnableOnlineStore": True},
        },
        ("FeatureGroupSummaries", "FeatureGroupName"),
        missing="ResourceNotFound",
        again="ResourceInUse",
        wrong={"FeatureDefinitions": []},
    ),
    Kind(
        "StudioLifecycleConfig",
        "StudioLifecycleConfigName",
        {"StudioLifecycleConfigContent": "ZWNobw==", "StudioLifecycleConfigAppType": "JupyterLab"},
        ("StudioLifecycleConfigs", "StudioLifecycleConfigName"),
        missing="ResourceNotFound",
        again="ResourceInUse",
        wrong={"StudioLifecycleConfigAppType": "Emacs"},
    ),
)

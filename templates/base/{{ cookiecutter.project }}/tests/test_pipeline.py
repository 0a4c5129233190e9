"""The pipeline's definition: its graph, and the same bytes for the same context in every process."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import graph
import pytest

pytest.importorskip("sagemaker", reason='the pipeline needs pip install -e ".[pipeline]"')
pytest.importorskip("modelyard", reason='the pipeline needs pip install -e ".[pipeline]"')

from modelyard.components.model_service.context import PipelineContext

from {{ cookiecutter.__package }} import pipeline
from {{ cookiecutter.__package }}.scores import SECTIONS
from {{ cookiecutter.__package }}.settings import SETTINGS

CONTEXT = PipelineContext(
    name="a-model-dev",
    region="eu-central-1",
    role_arn="arn:aws:iam::123456789012:role/a-model",
    bucket="a-bucket",
    prefix="models/a-model/dev",
    source_uri="s3://a-bucket/models/a-model/dev/source/0123/sourcedir.tar.gz",
    model_package_group="a-model-dev",
    kms_key_arn="arn:aws:kms:eu-central-1:123456789012:key/1",
    subnet_ids=("subnet-1", "subnet-2"),
    security_group_ids=("sg-1",),
    parameters={SETTINGS.threshold: 0.8},
)
QUALITY = SETTINGS.quality
CHECK = f"Check{QUALITY.metric.title().replace('_', '')}"
NETWORK = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}


@pytest.fixture(scope="module")
def steps() -> dict[str, Any]:
    """Return the steps by name."""
    return {step["Name"]: step for step in json.loads(pipeline.definition(CONTEXT))["Steps"]}


def test_the_graph(steps: dict[str, Any]):
    assert {name: step["Type"] for name, step in steps.items()} == {**graph.STEPS, CHECK: "Condition"}
    branches = steps[CHECK]["Arguments"]
    assert {step["Name"]: step["Type"] for step in branches["IfSteps"]} == graph.THEN
    assert [(step["Name"], step["Type"]) for step in branches["ElseSteps"]] == [("RefuseModel", "Fail")]


def test_the_condition_compares_the_evaluation_with_the_parameter(steps: dict[str, Any]):
    path = f"{SECTIONS[QUALITY.problem]}.{QUALITY.metric}.value"
    evaluation = {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"}, "Path": path}
    assert steps[CHECK]["Arguments"]["Conditions"][0] == {
        "Type": "LessThanOrEqualTo" if QUALITY.less_is_better else "GreaterThanOrEqualTo",
        "LeftValue": {"Std:JsonGet": evaluation},
        "RightValue": {"Get": f"Parameters.{SETTINGS.threshold}"},
    }


def values(found: Any, name: str) -> list[Any]:
    """Return what stands under a name, however deep."""
    items = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    return [value for key, value in items if key == name] + [it for _, value in items for it in values(value, name)]


def test_every_job_uses_the_contexts_role_network_and_keys(steps: dict[str, Any]):
    for name, kind in graph.STEPS.items():
        request = steps[name]["Arguments"]
        assert {*values(request, "RoleArn"), *values(request, "ExecutionRoleArn")} <= {CONTEXT.role_arn}
        if kind in ("Processing", "Training", "Tuning", "AutoML"):
            assert values(request, "VpcConfig") == [NETWORK], name
            assert values(request, "KmsKeyId") == values(request, "VolumeKmsKeyId") == [CONTEXT.kms_key_arn], name


def test_what_has_not_changed_is_not_run_again(steps: dict[str, Any]):
    cached = {"Enabled": True, "ExpireAfter": f"PT{SETTINGS.cache_hours}H"}
    for name, kind in graph.STEPS.items():
        always = kind == "Model" or name == "Version"
        assert steps[name].get("CacheConfig") == (None if always else cached), name


def test_other_data_is_prepared_anew(steps: dict[str, Any]):
    (output,) = steps["Version"]["Arguments"]["ProcessingOutputConfig"]["Outputs"]
    (file,) = steps["Version"]["PropertyFiles"]
    assert file == {"PropertyFileName": "Version", "OutputName": output["OutputName"], "FilePath": "version.json"}
    arguments = steps["Prepare"]["Arguments"]["AppSpecification"]["ContainerArguments"]
    found = {"PropertyFile": {"Get": "Steps.Version.PropertyFiles.Version"}, "Path": "version"}
    assert arguments[arguments.index("--data-version") + 1] == {"Std:JsonGet": found}
    notes = steps[CHECK]["Arguments"]["IfSteps"][0]["Arguments"]["CustomerMetadataProperties"]
    assert notes["data_version"] == {"Std:JsonGet": found}


def test_commands_are_short_enough_for_sagemaker(steps: dict[str, Any]):
    for name in ("Version", "Prepare", "Evaluate"):
        job = steps[name]["Arguments"]["AppSpecification"]
        words = [word for word in job["ContainerEntrypoint"] + job["ContainerArguments"] if isinstance(word, str)]
        assert max(map(len, words)) <= 256


def test_registers_with_approval_pending_and_its_evaluation(steps: dict[str, Any]):
    register = steps[CHECK]["Arguments"]["IfSteps"][0]
    request = register["Arguments"]
    assert request["ModelPackageGroupName"] == "a-model-dev"
    assert request["ModelApprovalStatus"] == "PendingManualApproval"
    (container,) = request["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == graph.ARCHIVE
    assert container["Environment"]["SAGEMAKER_PROGRAM"] == "inference.py"
    assert container["Environment"]["SAGEMAKER_SUBMIT_DIRECTORY"] == "/opt/ml/model/code"
    evaluation = {"Get": "Steps.Evaluate.ProcessingOutputConfig.Outputs['evaluation'].S3Output.S3Uri"}
    address = request["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    assert address == {"Std:Join": {"On": "/", "Values": [evaluation, "evaluation.json"]}}


def test_registers_with_a_card_that_names_its_training_and_its_data(steps: dict[str, Any]):
    register = steps[CHECK]["Arguments"]["IfSteps"][0]
    card = register["Arguments"]["ModelCard"]
    assert card["ModelCardStatus"] == "PendingReview"
    join = card["ModelCardContent"]["Std:Join"]
    assert join["On"] == ""
    references = [part["Get"] for part in join["Values"] if isinstance(part, dict)]
    run = {reference: json.dumps(0.5) if reference.endswith(".Value") else f"<{reference}>" for reference in references}
    content = json.loads("".join(part if isinstance(part, str) else run[part["Get"]] for part in join["Values"]))
    job = content["training_details"]["training_job_details"]
    assert job["training_arn"] == graph.ARN
    assert job["training_metrics"] == [{"name": name, "value": 0.5} for name in graph.METRICS]
    assert job["training_datasets"] == [
        f"<Steps.Prepare.ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri>" for name in ("train", "validation")
    ]
    assert content["evaluation_details"][0]["evaluation_job_arn"] == "<Steps.Evaluate.ProcessingJobArn>"


def test_without_a_network_and_a_key_there_is_none_of_either():
    bare = pipeline.definition(replace(CONTEXT, kms_key_arn="", subnet_ids=(), security_group_ids=()))
    assert not [word for word in ("Kms", "VpcConfig", "NetworkConfig") if word in bare]


def test_parameters_have_the_contexts_defaults():
    parameters = json.loads(pipeline.definition(CONTEXT))["Parameters"]
    assert {parameter["Name"]: parameter["DefaultValue"] for parameter in parameters} == {
        **graph.PARAMETERS,
        SETTINGS.threshold: 0.8,
    }
    with pytest.raises(ValueError, match="no parameter Typo; the pipeline has "):
        pipeline.definition(replace(CONTEXT, parameters={"Typo": 1.0}))


def test_the_same_bytes_in_another_process_without_aws_settings():
    program = f"import sys; from test_pipeline import CONTEXT; from {pipeline.__name__} import definition"
    program += "; sys.stdout.write(definition(CONTEXT))"
    source, here = Path(pipeline.__file__).resolve().parents[1], Path(__file__).resolve().parent
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    folders = (str(source), str(here), os.environ.get("PYTHONPATH", ""))
    environment |= {"PYTHONPATH": os.pathsep.join(folders), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == pipeline.definition(CONTEXT)


def test_leaves_the_environment_as_it_was():
    before = dict(os.environ)
    pipeline.definition(CONTEXT)
    assert dict(os.environ) == before

"""ClarifyCheck steps: the bias in a step's data by code of ours, in place of the image that AWS has closed."""

from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime import objects
from modelyard.localcloud.runtime.pipelines import clarify_data
from modelyard.localcloud.runtime.pipelines.kinds.checks import BASE, approved_baseline, input_of, judge
from modelyard.localcloud.runtime.pipelines.kinds.jobs import PROCESSING, run_job
from modelyard.localcloud.runtime.pipelines.steps import Call, Kind, Result, StepError
from modelyard.naming import digest

DATA_BIAS = "DATA_BIAS"
_FILE = "clarify_data.py"
_CONFIGURATION = "analysis_config"

Document = dict[str, Any]


def _clarify(call: Call) -> Result:
    check, skip = call.fields.get("CheckType", ""), bool(call.fields.get("SkipCheck"))
    if check != DATA_BIAS:
        raise StepError(
            f"ClientError: the local cloud checks {DATA_BIAS}, not {check}; "
            "for a model's bias or attributions run a monitor's code in a Processing step"
        )
    before = call.fields.get("SuppliedBaselineConstraints") or approved_baseline(call, "Bias", "PreTrainingConstraints")
    if not skip and not before:
        raise StepError("ClientError: there is no baseline to check against; set SkipCheck, or supply one")
    output = call.arguments["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]
    result = run_job(call, PROCESSING, _request(call, "" if skip else before, output))
    folder = output["S3Uri"].rstrip("/")
    shown: Document = {
        "CheckType": check,
        "CalculatedBaselineConstraints": f"{folder}/analysis.json",
        "BaselineUsedForDriftCheckConstraints": before or f"{folder}/analysis.json",
        "ModelPackageGroupName": call.fields.get("ModelPackageGroupName") or "",
        "CheckJobArn": result.metadata["ProcessingJob"]["Arn"],
        "SkipCheck": skip,
        "RegisterNewBaseline": bool(call.fields.get("RegisterNewBaseline")),
    }
    if not skip:
        shown["ViolationReport"] = f"{folder}/constraint_violations.json"
        judge(call, "ClarifyCheck", shown)
    return Result({"ClarifyCheck": shown}, {**result.properties, **shown})


def _request(call: Call, before: str, output: Document) -> Document:
    """Return the step's processing request with our code in place of the image's."""
    request = call.with_tags()
    given = {item["InputName"]: item["S3Input"] for item in request["ProcessingInputs"]}
    data = next(place for name, place in given.items() if name != _CONFIGURATION)
    content = Path(clarify_data.__file__).read_bytes()
    uri = f"s3://{objects.split_uri(output['S3Uri'])[0]}/modelyard/monitors/{digest(content.hex(), 16)}/{_FILE}"
    objects.write(call.host.client("s3", call.region), uri, content)
    configuration = given[_CONFIGURATION]
    file = f"{configuration['LocalPath'].rstrip('/')}/{configuration['S3Uri'].rpartition('/')[2]}"
    words = ["--data", data["LocalPath"], "--config", file, "--output", output["LocalPath"]]
    inputs = [*request["ProcessingInputs"], input_of("program", uri)]
    if before:
        inputs.append(input_of("constraints", before))
        words += ["--constraints", f"{BASE}/constraints"]
    specification = {
        "ImageUri": request["AppSpecification"]["ImageUri"],
        "ContainerEntrypoint": ["python3", f"{BASE}/program/{_FILE}"],
        "ContainerArguments": words,
    }
    return {**request, "ProcessingInputs": inputs, "AppSpecification": specification}


STEPS: dict[str, Kind] = {"ClarifyCheck": _clarify}

"""QualityCheck steps: our monitors over the step's data, in place of the image that AWS has closed to newcomers."""

import io
import json
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime import objects
from modelyard.localcloud.runtime.pipelines import check_data
from modelyard.localcloud.runtime.pipelines.kinds.jobs import PROCESSING, run_job
from modelyard.localcloud.runtime.pipelines.steps import Call, Kind, Result, StepError
from modelyard.naming import digest

_KINDS = {"DATA_QUALITY": ("data_quality", "ModelDataQuality"), "MODEL_QUALITY": ("model_quality", "ModelQuality")}
BASE = "/opt/ml/processing/modelyard"
_FILE = "monitors.zip"
# How the closed image is told of columns, and how our monitors are.
_SETTINGS = {"ground_truth_attribute": "label", "inference_attribute": "prediction", "problem_type": "problem_type"}

Document = dict[str, Any]


def _quality(call: Call) -> Result:
    check = call.fields.get("CheckType", "")
    if check not in _KINDS:
        raise StepError(f"ClientError: a QualityCheck is one of {', '.join(_KINDS)}, not {check!r}")
    skip = bool(call.fields.get("SkipCheck"))
    before = _baseline(call, check)
    if not skip and not before.get("Constraints"):
        raise StepError("ClientError: there is no baseline to check against; set SkipCheck, or supply one")
    output = call.arguments["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]
    result = run_job(call, PROCESSING, _request(call, check, {} if skip else before, output["LocalPath"]))
    folder = output["S3Uri"].rstrip("/")
    shown: Document = {
        "CheckType": check,
        "CalculatedBaselineStatistics": f"{folder}/statistics.json",
        "CalculatedBaselineConstraints": f"{folder}/constraints.json",
        "BaselineUsedForDriftCheckStatistics": before.get("Statistics") or f"{folder}/statistics.json",
        "BaselineUsedForDriftCheckConstraints": before.get("Constraints") or f"{folder}/constraints.json",
        "ModelPackageGroupName": call.fields.get("ModelPackageGroupName") or "",
        "CheckJobArn": result.metadata["ProcessingJob"]["Arn"],
        "SkipCheck": skip,
        "RegisterNewBaseline": bool(call.fields.get("RegisterNewBaseline")),
    }
    if not skip:
        shown["ViolationReport"] = f"{folder}/constraint_violations.json"
        judge(call, "QualityCheck", shown)
    return Result({"QualityCheck": shown}, {**result.properties, **shown})


def judge(call: Call, label: str, shown: Document) -> None:
    """Fail the step if the data breaks the baseline, unless it says that this doesn't matter.

    Args:
        call: the step.
        label: what its metadata calls it.
        shown: its metadata, with the ViolationReport.

    Raises:
        StepError: it does.
    """
    report = json.loads(objects.read(call.host.client("s3", call.region), shown["ViolationReport"]))
    if report["violations"] and call.fields.get("FailOnViolation") is not False:
        first = report["violations"][0]["description"]
        said = (
            f"ClientError: {len(report['violations'])} violations, the first: {first}; see {shown['ViolationReport']}"
        )
        raise StepError(said, {label: shown})


def _baseline(call: Call, check: str) -> Document:
    """Return the earlier baseline's files: those supplied, or those of the group's latest approved model."""
    supplied = {name: call.fields.get(f"SuppliedBaseline{name}") for name in ("Statistics", "Constraints")}
    group = call.fields.get("ModelPackageGroupName")
    if any(supplied.values()) or not group:
        return {name: uri for name, uri in supplied.items() if uri}
    section = _KINDS[check][1]
    found = {name: approved_baseline(call, section, name) for name in ("Statistics", "Constraints")}
    return {name: uri for name, uri in found.items() if uri}


def approved_baseline(call: Call, section: str, name: str) -> str:
    """Return a file of the drift check baselines of the latest approved model of the step's group; empty if none.

    Args:
        call: the step.
        section: of DriftCheckBaselines, such as `ModelDataQuality`.
        name: of that section's file, such as `Constraints`.
    """
    group = call.fields.get("ModelPackageGroupName")
    packages = [
        item
        for item in call.host.collection(call.region, "ModelPackage").all()
        if group and item.get("ModelPackageGroupName") == group and item.get("ModelApprovalStatus") == "Approved"
    ]
    baselines = ((packages[-1] if packages else {}).get("DriftCheckBaselines") or {}).get(section) or {}
    return str((baselines.get(name) or {}).get("S3Uri", ""))


def _request(call: Call, check: str, before: Document, output: str) -> Document:
    """Return the step's processing request with our code in place of the image's."""
    request, content = call.with_tags(), _program()
    given = request["ProcessingInputs"]
    target = call.arguments["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    uri = f"s3://{objects.split_uri(target)[0]}/modelyard/monitors/{digest(content.hex(), 16)}/{_FILE}"
    objects.write(call.host.client("s3", call.region), uri, content)
    settings = {
        ours: value for theirs, ours in _SETTINGS.items() if (value := (request.get("Environment") or {}).get(theirs))
    }
    words = ["--kind", _KINDS[check][0], "--data", given[0]["S3Input"]["LocalPath"], "--output", output]
    words += ["--settings", json.dumps(settings)]
    inputs = [*given, input_of("program", uri)]
    for name, place in before.items():
        inputs.append(input_of(name.lower(), place))
        words += [f"--{name.lower()}", f"{BASE}/{name.lower()}"]
    image = request["AppSpecification"]["ImageUri"]
    entry = ["python3", f"{BASE}/program/{_FILE}"]
    specification = {"ImageUri": image, "ContainerEntrypoint": entry, "ContainerArguments": words}
    return {**request, "ProcessingInputs": inputs, "AppSpecification": specification}


def input_of(name: str, uri: str) -> Document:
    """Return a processing input of ours."""
    place = {"S3Uri": uri, "LocalPath": f"{BASE}/{name}", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": f"modelyard-{name}", "S3Input": place}


def _program() -> bytes:
    """Return monitors and check as one zip that Python runs; the same bytes each time."""
    spec = find_spec("modelyard.monitors")
    if spec is None or not spec.submodule_search_locations:
        raise StepError("InternalServerError: the monitors are not installed")
    files = {f"monitors/{path.name}": path for path in sorted(Path(spec.submodule_search_locations[0]).glob("*.py"))}
    files["__main__.py"] = Path(check_data.__file__)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, path in files.items():
            archive.writestr(zipfile.ZipInfo(name), path.read_bytes())
    return buffer.getvalue()


STEPS: dict[str, Kind] = {"QualityCheck": _quality}

"""EMR steps: what `command-runner.jar` runs on a cluster runs here, Spark's programs where Spark is installed."""

import secrets
import shutil
import string
import tempfile
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime import objects
from modelyard.localcloud.runtime.logs import LogStream
from modelyard.localcloud.runtime.pipelines.steps import Call, Kind, Result, StepError, StepStopped
from modelyard.localcloud.runtime.process import End, Process, clean_environment

RUNNER = "command-runner.jar"
LOG_GROUP = "/aws/emr/steps"
_ID_LENGTH = 13
_TIMEOUT_SECONDS = 86_400.0
_CODE = (".py", ".sh", ".sql", ".zip")


def _emr(call: Call) -> Result:
    jar = call.arguments["StepConfig"]["HadoopJarStep"]
    if jar.get("Jar") != RUNNER or not jar.get("Args"):
        raise StepError(f"ClientError: the local cloud runs {RUNNER} with Args, not {jar.get('Jar')}")
    cluster = call.arguments.get("ClusterId") or f"j-{_identity()}"
    metadata = {"EMR": {"ClusterId": cluster, "StepId": f"s-{_identity()}", "StepName": call.step_name}}
    metadata["EMR"]["LogFilePath"] = f"{LOG_GROUP}/{metadata['EMR']['StepId']}"
    call.started(metadata)
    root = call.host.folder / "jobs" / "emr"
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=root))
    try:
        _run(call, folder, [str(word) for word in jar["Args"]], metadata)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Result(metadata, {"ClusterId": cluster, **metadata["EMR"]})


def _run(call: Call, folder: Path, words: list[str], metadata: dict[str, Any]) -> None:
    environment = clean_environment(call.host.clients.endpoint_url, call.region, folder)
    if shutil.which(words[0], path=environment["PATH"]) is None:
        how = "pip install pyspark, which needs Java" if words[0].startswith("spark") else f"install {words[0]}"
        raise StepError(f"ClientError: there is no {words[0]} on this machine: {how}", metadata)
    try:
        command = [_fetched(call, folder, word) for word in words]
    except objects.ObjectError as error:
        raise StepError(str(error), metadata) from error
    logs = LogStream(call.host.client("logs", call.region), LOG_GROUP, metadata["EMR"]["StepId"])
    try:
        outcome = Process(command, folder, environment, logs.write).run(call.stopping, _TIMEOUT_SECONDS)
    finally:
        logs.close()
    if outcome.end is End.STOPPED:
        raise StepStopped
    if outcome.exit_code:
        raise StepError(f"ClientError: the EMR step failed, exit code: {outcome.exit_code}", metadata)


def _fetched(call: Call, folder: Path, word: str) -> str:
    """Return a word of the command; a program in S3 is fetched, for nothing here could read it from there."""
    if not word.startswith("s3://") or not word.endswith(_CODE):
        return word
    target = folder / word.rpartition("/")[2]
    objects.download_file(call.host.client("s3", call.region), word, target)
    return str(target)


def _identity() -> str:
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(_ID_LENGTH))


STEPS: dict[str, Kind] = {"EMR": _emr}

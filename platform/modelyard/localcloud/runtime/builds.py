"""CodeBuild's builds, really run: the phases of a buildspec in subprocesses, with their log, metrics and events.

An image is not run: a build has the Python of the local cloud, and its `modelyard`. Only a project without a source can
be built.

Source: the AWS CodeBuild user guide, "Environment variables in build environments", "Build phase transitions".
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

import modelyard
from modelyard.localcloud.runtime import buildspecs
from modelyard.localcloud.runtime.buildspecs import PHASES, Buildspec, BuildspecError
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import LogStream, now, put_metrics
from modelyard.localcloud.runtime.process import End, Outcome, Process, clean_environment
from modelyard.localcloud.runtime.workers import Workers

KIND = "Build"
RUNNING = "IN_PROGRESS"
EVENT = "CodeBuild Build State Change"
_METRICS = {"SUCCEEDED": "SucceededBuilds", "FAILED": "FailedBuilds", "TIMED_OUT": "FailedBuilds"}
_PACKAGE = Path(modelyard.__file__).parents[1]
_log = logging.getLogger(__name__)

Document = dict[str, Any]


class Builds:
    """The builds that run now.

    Args:
        host: the local cloud.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._workers = Workers()

    def start(self, region: str, build: Document) -> None:
        """Run a build whose document is in the store."""
        self._workers.start(build["id"], build["id"], lambda stopping: self._run(region, build, stopping))

    def stop(self, build_id: str) -> None:
        """Ask a build to end, if it runs."""
        self._workers.stop(build_id)

    def close(self) -> None:
        """End all builds because the cloud stops."""
        self._workers.close()

    def recover(self) -> None:
        """Fail the builds that a dead cloud left unfinished."""
        for region in self._host.store.regions():
            collection = self._host.collection(region, KIND)
            for build in collection.all():
                if build["buildStatus"] == RUNNING:
                    collection.update(build["id"], **_ended(build, "FAULT"))
        shutil.rmtree(self._host.folder / "builds", ignore_errors=True)

    def _run(self, region: str, build: Document, stopping: threading.Event) -> None:
        folder = self._host.folder / "builds" / build["id"].partition(":")[2]
        try:
            status = _Build(self._host, region, build, folder).run(stopping)
        except Exception:  # noqa: BLE001 - a build must not stay in progress, whatever happened
            _log.exception("build %s", build["id"])
            status = "FAULT"
        if self._workers.closing and status == "STOPPED":
            status = "FAULT"
        shutil.rmtree(folder, ignore_errors=True)
        self._finish(region, build["id"], status)

    def _finish(self, region: str, build_id: str, status: str) -> None:
        collection = self._host.collection(region, KIND)
        build = collection.change(build_id, lambda it: {**it, **_ended(it, status)})
        if build is None:
            return
        dimensions = [{"Name": "ProjectName", "Value": build["projectName"]}]
        seconds = (build["endTime"] - build["startTime"]).total_seconds()
        values = {"Builds": 1.0, "Duration": seconds, **({_METRICS[status]: 1.0} if status in _METRICS else {})}
        data = [{"MetricName": name, "Value": value, "Dimensions": dimensions} for name, value in values.items()]
        put_metrics(self._host.client("cloudwatch", region), "AWS/CodeBuild", data)
        detail = {"build-status": status, "project-name": build["projectName"], "build-id": build["arn"]}
        self._host.events.send(region, EVENT, [build["arn"]], detail, source="aws.codebuild")


class _Build:
    """One build, at work."""

    def __init__(self, host: Host, region: str, build: Document, folder: Path) -> None:
        self._host, self._region, self._build, self._folder = host, region, build, folder
        self._source = folder / "src"
        self._source.mkdir(parents=True)
        where = build["logs"]
        self._stream = LogStream(host.client("logs", region), where["groupName"], where["streamName"])

    def run(self, stopping: threading.Event) -> str:
        """Run all phases and return the build's last status."""
        try:
            spec = self._spec()
            environment = self._environment(spec)
        except (BuildspecError, BotoCoreError, ClientError) as error:
            self._say(f"Phase context status code: CLIENT_ERROR Message: {error}")
            self._phase("DOWNLOAD_SOURCE", "FAILED", now(), str(error))
            self._stream.close()
            return "FAILED"
        try:
            return self._phases(spec, environment, stopping)
        finally:
            self._stream.close()

    def _phases(self, spec: Buildspec, environment: Mapping[str, str], stopping: threading.Event) -> str:
        deadline = time.monotonic() + 60.0 * self._build["timeoutInMinutes"]
        status = "SUCCEEDED"
        for phase in PHASES:
            if phase not in spec.phases or not (status == "SUCCEEDED" or phase == "post_build"):
                continue
            succeeding = {"CODEBUILD_BUILD_SUCCEEDING": "1" if status == "SUCCEEDED" else "0"}
            ended = self._one(spec, phase, {**environment, **succeeding}, stopping, deadline)
            if ended in ("STOPPED", "TIMED_OUT") or (ended == "FAILED" and phase in ("install", "pre_build")):
                return ended
            status = ended if ended != "SUCCEEDED" else status
        return status

    def _one(
        self, spec: Buildspec, phase: str, environment: Mapping[str, str], stopping: threading.Event, deadline: float
    ) -> str:
        word, started = phase.upper(), now()
        self._host.collection(self._region, KIND).update(self._build["id"], currentPhase=word)
        self._say(f"Entering phase {word}")
        path = self._folder / f"{phase}.sh"
        path.write_text(buildspecs.script(spec, phase), encoding="utf-8")
        command = ["bash", str(path), str(self._folder / "kept")]
        outcome = Process(command, self._source, environment, self._stream.write).run(
            stopping, max(deadline - time.monotonic(), 0.0)
        )
        status = _status(outcome)
        reason = (
            "" if status == "SUCCEEDED" else f"Error while executing command. Reason: exit status {outcome.exit_code}"
        )
        self._say(f"Phase complete: {word} State: {status}{' Message: ' if reason else ''}{reason}")
        self._phase(word, status, started, reason)
        return status

    def _spec(self) -> Buildspec:
        source = self._build["source"]
        if source["type"] != "NO_SOURCE":
            raise BuildspecError(f"the local cloud builds projects without a source, not of {source['type']}")
        return buildspecs.read(source.get("buildspec") or "")

    def _environment(self, spec: Buildspec) -> dict[str, str]:
        build = self._build
        own = clean_environment(self._host.clients.endpoint_url, self._region, self._folder)
        chosen = {it["name"]: self._value(it) for it in build["environment"].get("environmentVariables", [])}
        return {
            **own,
            # The `modelyard` of a build is the cloud's own, and it works on the same home.
            "PYTHONPATH": os.pathsep.join(filter(None, [str(_PACKAGE), os.environ.get("PYTHONPATH", "")])),
            "MODELYARD_HOME": str(self._host.folder.parent),
            "CODEBUILD_BUILD_ARN": build["arn"],
            "CODEBUILD_BUILD_ID": build["id"],
            "CODEBUILD_BUILD_IMAGE": build["environment"]["image"],
            "CODEBUILD_BUILD_NUMBER": str(build["buildNumber"]),
            "CODEBUILD_INITIATOR": build["initiator"],
            "CODEBUILD_LOG_PATH": build["logs"]["streamName"],
            "CODEBUILD_SRC_DIR": str(self._source),
            "CODEBUILD_START_TIME": str(int(build["startTime"].timestamp() * 1000)),
            **spec.variables,
            **chosen,
        }

    def _value(self, variable: Mapping[str, str]) -> str:
        """Return what a variable is, or what it names in Secrets Manager (`ARN:key`) or Parameter Store."""
        kind, value = variable.get("type", "PLAINTEXT"), variable["value"]
        if kind == "PARAMETER_STORE":
            found = self._host.client("ssm", self._region).get_parameter(Name=value, WithDecryption=True)
            return str(found["Parameter"]["Value"])
        if kind == "SECRETS_MANAGER":
            secret = self._host.client("secretsmanager", self._region).get_secret_value(SecretId=value)
            return str(secret["SecretString"])
        return value

    def _say(self, text: str) -> None:
        self._stream.write(f"[Container] {now():%Y/%m/%d %H:%M:%S} {text}")

    def _phase(self, word: str, status: str, started: Any, reason: str = "") -> None:
        ended = now()
        phase: Document = {"phaseType": word, "phaseStatus": status, "startTime": started, "endTime": ended}
        phase["durationInSeconds"] = int((ended - started).total_seconds())
        if reason:
            phase["contexts"] = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": reason}]
        collection = self._host.collection(self._region, KIND)
        collection.change(self._build["id"], lambda it: {**it, "phases": [*it["phases"], phase]})


def _status(outcome: Outcome) -> str:
    if outcome.end is End.EXITED:
        return "SUCCEEDED" if outcome.exit_code == 0 else "FAILED"
    return "STOPPED" if outcome.end is End.STOPPED else "TIMED_OUT"


def _ended(build: Document, status: str) -> Document:
    done = {"phaseType": "COMPLETED", "startTime": now()}
    phases = [*build["phases"], done]
    return {
        "buildStatus": status,
        "currentPhase": "COMPLETED",
        "buildComplete": True,
        "endTime": now(),
        "phases": phases,
    }

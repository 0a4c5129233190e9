"""The document of one execution, and the events that its changes are."""

from typing import Any

from modelyard.localcloud.runtime.events import iso
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import now

KIND = "PipelineExecution"
_EXECUTION_EVENT = "SageMaker Model Building Pipeline Execution Status Change"
_STEP_EVENT = "SageMaker Model Building Pipeline Execution Step Status Change"
_UNFINISHED_STEPS = frozenset({"Starting", "Executing", "Stopping"})

Document = dict[str, Any]


class Record:
    """One execution in the store.

    Args:
        host: the local cloud.
        region: the pipeline's.
        arn: the execution's.
        silent: send no events.
    """

    def __init__(self, host: Host, region: str, arn: str, *, silent: bool = False) -> None:
        self._host = host
        self._collection = host.collection(region, KIND)
        self._silent = silent
        self.region = region
        self.arn = arn

    @property
    def execution_id(self) -> str:
        """The last part of the ARN."""
        return self.arn.rpartition("/")[2]

    def read(self) -> Document:
        """Return the document; an empty one if the pipeline is gone."""
        return self._collection.get(self.arn) or {}

    def tags(self) -> dict[str, str]:
        """Return the pipeline's tags."""
        return self._host.store.tags(self.read().get("PipelineArn", ""))

    def set_status(self, status: str, reason: str = "") -> None:
        """Set the execution's status and tell the event bus."""
        before = self.read()
        changes = {"FailureReason": reason} if reason else {}
        after = self._collection.update(self.arn, PipelineExecutionStatus=status, LastModifiedTime=now(), **changes)
        if after is not None:
            self._announce(after, before.get("PipelineExecutionStatus", ""))

    def ask_to_stop(self) -> None:
        """Set the status Stopping, unless the execution has ended since the caller looked."""
        asked: list[bool] = []

        def change(document: Document) -> Document:
            asked.append(document["PipelineExecutionStatus"] == "Executing")
            return (
                {**document, "PipelineExecutionStatus": "Stopping", "LastModifiedTime": now()}
                if asked[-1]
                else document
            )

        after = self._collection.change(self.arn, change)
        if after is not None and asked[-1]:
            self._announce(after, "Executing")

    def announce(self) -> None:
        """Tell the event bus that the execution has begun."""
        self._announce(self.read(), "")

    def set_step(self, name: str, kind: str, **changes: Any) -> None:
        """Change fields of a step; a new status is an event.

        Args:
            name: the step's.
            kind: the step's type.
            changes: such as StepStatus or Metadata.
        """
        before: Document = {}

        def change(document: Document) -> Document:
            before.update(document["Steps"].get(name, {"StepName": name, "AttemptCount": 1}))
            steps = {**document["Steps"], name: {**before, **changes}}
            return {**document, "Steps": steps, "LastModifiedTime": now()}

        after = self._collection.change(self.arn, change)
        if after is None or self._silent or before.get("StepStatus") == changes.get("StepStatus", ""):
            return
        if "StepStatus" in changes:
            self._send(_STEP_EVENT, after, self._step_detail(after["Steps"][name], kind, before.get("StepStatus")))

    def abandon(self, reason: str) -> None:
        """Fail the execution and what of it never ended."""

        def change(document: Document) -> Document:
            steps = {
                name: {**step, "StepStatus": "Failed", "EndTime": now(), "FailureReason": reason}
                if step["StepStatus"] in _UNFINISHED_STEPS
                else step
                for name, step in document["Steps"].items()
            }
            ended = document["PipelineExecutionStatus"] not in ("Executing", "Stopping", "Stopped")
            fields = {} if ended else {"PipelineExecutionStatus": "Failed", "FailureReason": reason}
            return {**document, "Steps": steps, **fields}

        self._collection.change(self.arn, change)

    def _announce(self, document: Document, before: str) -> None:
        if self._silent or not document:
            return
        status = document["PipelineExecutionStatus"]
        detail = {
            "pipelineExecutionDescription": document.get("PipelineExecutionDescription", ""),
            "pipelineExecutionDisplayName": document.get("PipelineExecutionDisplayName", ""),
            "currentPipelineExecutionStatus": status,
            "previousPipelineExecutionStatus": before,
            "executionStartTime": iso(document["CreationTime"]),
            "pipelineExecutionArn": self.arn,
        }
        if status not in ("Executing", "Stopping"):
            detail["executionEndTime"] = iso(document["LastModifiedTime"])
        self._send(_EXECUTION_EVENT, document, detail)

    def _step_detail(self, step: Document, kind: str, before: str | None) -> Document:
        metadata = {
            name[:1].lower() + name[1:]: {key[:1].lower() + key[1:]: value for key, value in fields.items()}
            for name, fields in step.get("Metadata", {}).items()
        }
        detail: Document = {
            "metadata": metadata,
            "stepName": step["StepName"],
            "stepType": kind,
            "stepStartTime": iso(step["StartTime"]),
            "previousStepStatus": before or "",
            "currentStepStatus": step["StepStatus"],
            "pipelineExecutionArn": self.arn,
        }
        if "EndTime" in step:
            detail["stepEndTime"] = iso(step["EndTime"])
        if "FailureReason" in step:
            detail["failureReason"] = step["FailureReason"]
        if "CacheHitResult" in step:
            detail["cacheHitResult"] = {
                "sourcePipelineExecutionArn": step["CacheHitResult"]["SourcePipelineExecutionArn"]
            }
        return detail

    def _send(self, detail_type: str, document: Document, detail: Document) -> None:
        self._host.events.send(
            self.region,
            detail_type,
            [document["PipelineArn"], self.arn],
            {"pipelineArn": document["PipelineArn"], **detail},
        )

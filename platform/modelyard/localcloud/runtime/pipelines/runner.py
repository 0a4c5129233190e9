"""Runs one step of one execution: references in, status, metadata and properties out."""

import threading
from datetime import datetime
from typing import Any

from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.pipelines import caching, kinds, steps
from modelyard.localcloud.runtime.pipelines.definition import Step
from modelyard.localcloud.runtime.pipelines.loops import ITERATION, Loop
from modelyard.localcloud.runtime.pipelines.record import KIND, Record
from modelyard.localcloud.runtime.pipelines.references import PathError, Scope
from modelyard.localcloud.runtime.pipelines.retries import Retries


class StepRunner:
    """Runs steps and writes down what becomes of them.

    Args:
        host: the local cloud.
        record: the execution's document.
        scope: what references can see; each step's properties are added to it.
        stopping: set when the execution is to end early.
    """

    def __init__(self, host: Host, record: Record, scope: Scope, stopping: threading.Event) -> None:
        self._host = host
        self._record = record
        self._scope = scope
        self._stopping = stopping

    def run(self, step: Step) -> steps.Result:
        """Run one step.

        Raises:
            StepError: it failed.
            PathError: one of its references leads nowhere.
            StepStopped: the execution is stopped.
        """
        self._set(step, "Starting", StartTime=now(), **self._labels(step))
        try:
            result = self._attempts(step)
        except steps.StepStopped:
            self._set(step, "Stopped", EndTime=now())
            raise
        except (steps.StepError, PathError) as error:
            metadata = getattr(error, "metadata", {})
            self._set(step, "Failed", EndTime=now(), FailureReason=str(error), **self._metadata(metadata))
            raise
        self._scope.properties[step.name] = result.properties
        self._record.set_step(step.name, step.type, Properties=result.properties)
        self._set(step, "Succeeded", EndTime=now(), Metadata=result.metadata)
        return result

    def inner(self, scope: Scope) -> "StepRunner":
        """Return a runner of the same execution with another scope."""
        return StepRunner(self._host, self._record, scope, self._stopping)

    def _attempts(self, step: Step) -> steps.Result:
        """Try as often as the step's policies say."""
        retries, attempt = Retries(step.fields.get("RetryPolicies")), 1
        while True:
            try:
                return self._attempt(step)
            except steps.StepError as error:
                delay = retries.delay(error.fault)
                if delay is None:
                    raise
            if self._stopping.wait(delay):
                raise steps.StepStopped
            attempt += 1
            self._record.set_step(step.name, step.type, AttemptCount=attempt)

    def _attempt(self, step: Step) -> steps.Result:
        if step.type == "ForEach":
            self._set(step, "Executing")
            return Loop(step, self._scope, self._stopping, self.inner).run()
        arguments = self._scope.resolve(step.arguments)
        fields = self._scope.resolve({key: value for key, value in step.fields.items() if key != "DependsOn"})
        key = caching.cache_key(step.type, fields, arguments)
        cached = self._cached(step, key)
        if cached:
            return cached
        self._set(step, "Executing")
        call = steps.Call(
            host=self._host,
            region=self._record.region,
            execution_arn=self._record.arn,
            step_name=step.name,
            arguments=arguments,
            fields=fields,
            tags=self._record.tags(),
            stopping=self._stopping,
            started=lambda metadata: self._record.set_step(step.name, step.type, Metadata=metadata),
        )
        result = kinds.run(step.type, call)
        if key:
            self._record.set_step(step.name, step.type, CacheKey=key)
        return result

    def _cached(self, step: Step, key: str) -> steps.Result | None:
        """Return the result of a run of the same arguments in the same pipeline, if it may be used again."""
        lifetime = caching.lifetime(step.fields)
        pipeline = self._record.read().get("PipelineArn")
        for document in reversed(self._host.collection(self._record.region, KIND).all() if key else []):
            for before in document["Steps"].values():
                same = document["PipelineArn"] == pipeline and before.get("CacheKey") == key
                ended: datetime | None = before.get("EndTime")
                if (
                    same
                    and before["StepStatus"] == "Succeeded"
                    and ended
                    and (not lifetime or now() - ended < lifetime)
                ):
                    source = {"SourcePipelineExecutionArn": document["PipelineExecutionArn"]}
                    self._record.set_step(step.name, step.type, CacheHitResult=source)
                    return steps.Result(before["Metadata"], before["Properties"])
        return None

    def _set(self, step: Step, status: str, **changes: Any) -> None:
        self._record.set_step(step.name, step.type, StepStatus=status, **changes)

    @staticmethod
    def _labels(step: Step) -> dict[str, Any]:
        labels = {
            "StepDisplayName": step.fields.get("DisplayName"),
            "StepDescription": step.fields.get("Description"),
            "IterationContext": step.fields.get(ITERATION),
        }
        return {key: value for key, value in labels.items() if value}

    @staticmethod
    def _metadata(metadata: dict[str, Any]) -> dict[str, Any]:
        return {"Metadata": metadata} if metadata else {}

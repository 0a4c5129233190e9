"""Pipelines and their executions; the runtime runs them."""

import secrets
import string

from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.pipelines import selection
from modelyard.localcloud.runtime.pipelines.definition import DefinitionError, parse
from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import (
    ActionResult,
    ConflictException,
    Document,
    Operations,
    invalid,
    not_found,
)
from modelyard.localcloud.services.sagemaker.naming import name_of

KIND = "Pipeline"
EXECUTION_KIND = "PipelineExecution"
_ID_LENGTH = 12
_UPDATABLE = ("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration")
_EXECUTION_SUMMARY = (
    "PipelineExecutionArn",
    "PipelineExecutionStatus",
    "PipelineExecutionDescription",
    "PipelineExecutionDisplayName",
)


class Pipelines(Operations):
    """Operations on pipelines."""

    def create_pipeline(self) -> ActionResult:
        """Make a pipeline whose definition is valid."""
        request = self.request
        name = request["PipelineName"]
        arn = self.arn("pipeline", name)
        document = {
            "PipelineDisplayName": name,
            **request,
            **self.stamp(),
            "PipelineArn": arn,
            "PipelineStatus": "Active",
            "PipelineDefinition": self._definition(request),
        }
        for field in ("Tags", "ClientRequestToken", "PipelineDefinitionS3Location"):
            document.pop(field, None)
        if not self.collection(KIND).add(name, document):
            raise invalid(
                "Pipeline names must be unique within an AWS account and region. "
                f"Pipeline with name ({name}) already exists."
            )
        self.tag(arn, request)
        return ActionResult({"PipelineArn": arn})

    def update_pipeline(self) -> ActionResult:
        """Change a pipeline."""
        request = self.request
        pipeline = self.pipeline(request["PipelineName"])
        changes = {key: request[key] for key in _UPDATABLE if request.get(key) is not None}
        if request.get("PipelineDefinition") or request.get("PipelineDefinitionS3Location"):
            changes["PipelineDefinition"] = self._definition(request)
        self.collection(KIND).update(pipeline["PipelineName"], LastModifiedTime=now(), **changes)
        return ActionResult({"PipelineArn": pipeline["PipelineArn"]})

    def describe_pipeline(self) -> ActionResult:
        """Return a pipeline."""
        return ActionResult(self.pipeline(self.request["PipelineName"]))

    def list_pipelines(self) -> ActionResult:
        """Return pipelines, newest first unless asked otherwise."""
        request = self.request
        prefix = request.get("PipelineNamePrefix") or ""
        kept = [item for item in self.collection(KIND).all() if item["PipelineName"].startswith(prefix)]
        chosen = listing.select(kept, {**request, "NameContains": None}, "PipelineName")
        return ActionResult(listing.page(chosen, request, "PipelineSummaries", lambda item: item))

    def delete_pipeline(self) -> ActionResult:
        """Delete a pipeline that nothing runs, with its executions."""
        pipeline = self.pipeline(self.request["PipelineName"])
        executions = [
            item for item in self.collection(EXECUTION_KIND).all() if item["PipelineArn"] == pipeline["PipelineArn"]
        ]
        if any(item["PipelineExecutionStatus"] in ("Executing", "Stopping") for item in executions):
            raise ConflictException(
                f"Pipeline {pipeline['PipelineArn']} has executions that still run; stop them first."
            )
        for item in executions:
            self.collection(EXECUTION_KIND).remove(item["PipelineExecutionArn"])
        self.forget(KIND, pipeline["PipelineName"], pipeline["PipelineArn"])
        return ActionResult({"PipelineArn": pipeline["PipelineArn"]})

    def pipeline(self, name_or_arn: str) -> Document:
        """Return a pipeline, or raise a ResourceNotFound."""
        name = name_of(name_or_arn)
        return self.found(KIND, name, not_found(f"Pipeline '{self.arn('pipeline', name)}' does not exist."))

    def _definition(self, request: Document) -> str:
        text = request.get("PipelineDefinition")
        location = request.get("PipelineDefinitionS3Location")
        if bool(text) == bool(location):
            raise invalid("Exactly one of PipelineDefinition and PipelineDefinitionS3Location must be given.")
        if location:
            client = self.cloud.host.client("s3", self.here)
            try:
                content: bytes = client.get_object(Bucket=location["Bucket"], Key=location["ObjectKey"])["Body"].read()
            except client.exceptions.ClientError as error:
                raise invalid(f"Unable to read the pipeline definition: {error}") from error
            text = content.decode()
        try:
            parse(str(text))
        except (DefinitionError, KeyError, TypeError, AttributeError) as error:
            said = (
                str(error) if isinstance(error, DefinitionError) else f"Unable to parse pipeline definition: {error!r}"
            )
            raise invalid(said) from error
        return str(text)


class PipelineExecutions(Pipelines):
    """Operations on executions."""

    def start_pipeline_execution(self) -> ActionResult:
        """Run a pipeline, or the selected of its steps."""
        request = self.request
        pipeline = self.pipeline(request["PipelineName"])
        again = self._same_token(pipeline, request.get("ClientRequestToken"))
        if again:
            return ActionResult({"PipelineExecutionArn": again})
        steps = self._checked(pipeline, request)
        letters = string.ascii_lowercase + string.digits
        identity = "".join(secrets.choice(letters) for _ in range(_ID_LENGTH))
        arn = f"{pipeline['PipelineArn']}/execution/{identity}"
        moment = now()
        document = {
            "PipelineExecutionDisplayName": f"execution-{int(moment.timestamp() * 1000)}",
            **request,
            **self.stamp(),
            "PipelineName": pipeline["PipelineName"],
            "PipelineArn": pipeline["PipelineArn"],
            "PipelineExecutionArn": arn,
            "PipelineExecutionStatus": "Executing",
            "PipelineDefinition": pipeline["PipelineDefinition"],
            "ParallelismConfiguration": request.get("ParallelismConfiguration")
            or pipeline.get("ParallelismConfiguration"),
            "Steps": steps,
        }
        self.collection(EXECUTION_KIND).add(arn, document)
        self.collection(KIND).update(pipeline["PipelineName"], LastRunTime=moment, LastExecutionTime=moment)
        self.cloud.executions.start(self.here, arn)
        return ActionResult({"PipelineExecutionArn": arn})

    def retry_pipeline_execution(self) -> ActionResult:
        """Run an execution that failed or was stopped again, from where it ended."""
        execution = self._execution()
        arn, status = execution["PipelineExecutionArn"], execution["PipelineExecutionStatus"]
        if status not in ("Failed", "Stopped", "CompletedWithFailures"):
            raise ConflictException(
                f"Pipeline execution with ARN {arn} status {status}. Only executions that failed or were stopped can "
                "be retried."
            )
        parallelism = self.request.get("ParallelismConfiguration")
        changes = {"ParallelismConfiguration": parallelism} if parallelism else {}
        done = {name: step for name, step in execution["Steps"].items() if step["StepStatus"] == "Succeeded"}
        self.collection(EXECUTION_KIND).update(
            arn, PipelineExecutionStatus="Executing", FailureReason=None, Steps=done, LastModifiedTime=now(), **changes
        )
        self.cloud.executions.start(self.here, arn)
        return ActionResult({"PipelineExecutionArn": arn})

    def send_pipeline_execution_step_success(self) -> ActionResult:
        """Answer a callback step: it goes on with these outputs."""
        outputs = {item["Name"]: item["Value"] for item in self.request.get("OutputParameters") or []}
        return self._answer({"OutputParameters": outputs})

    def send_pipeline_execution_step_failure(self) -> ActionResult:
        """Answer a callback step: it fails."""
        return self._answer({"FailureReason": self.request.get("FailureReason") or ""})

    def _answer(self, answer: Document) -> ActionResult:
        token = self.request["CallbackToken"]
        for execution in self.collection(EXECUTION_KIND).all():
            waits = (step.get("Metadata", {}).get("Callback", {}) for step in execution["Steps"].values())
            if any(callback.get("CallbackToken") == token for callback in waits):
                arn = execution["PipelineExecutionArn"]
                self.collection(EXECUTION_KIND).change(
                    arn, lambda doc: {**doc, "Callbacks": {**doc.get("Callbacks", {}), token: answer}}
                )
                return ActionResult({"PipelineExecutionArn": arn})
        raise not_found(f"The callback token {token} does not exist.")

    def _checked(self, pipeline: Document, request: Document) -> Document:
        """Return the steps that an execution takes over from an earlier one; none unless it is selective."""
        given = {item["Name"]: item["Value"] for item in request.get("PipelineParameters") or []}
        config = request.get("SelectiveExecutionConfig")
        try:
            definition = parse(pipeline["PipelineDefinition"])
            definition.values(given)
            return selection.taken_over(definition, config, self._source(pipeline, config)) if config else {}
        except DefinitionError as error:
            raise invalid(str(error)) from error

    def _source(self, pipeline: Document, config: Document) -> Document:
        """Return the execution that a selective one builds on: the named one, or the latest."""
        arn = config.get("SourcePipelineExecutionArn")
        kept = [
            item
            for item in self.collection(EXECUTION_KIND).all()
            if item["PipelineArn"] == pipeline["PipelineArn"] and arn in (None, item["PipelineExecutionArn"])
        ]
        if arn and not kept:
            raise not_found(f"Pipeline execution with ARN {arn} does not exist.")
        if kept and kept[-1]["PipelineExecutionStatus"] in ("Executing", "Stopping"):
            raise invalid(f"The source execution [{kept[-1]['PipelineExecutionArn']}] still runs")
        return kept[-1] if kept else {}

    def stop_pipeline_execution(self) -> ActionResult:
        """Stop an execution and its jobs."""
        execution = self._execution()
        if execution["PipelineExecutionStatus"] not in ("Executing", "Stopping"):
            raise ConflictException(
                f"Pipeline execution with ARN {execution['PipelineExecutionArn']} status "
                f"{execution['PipelineExecutionStatus']}. Only pipelines with 'Executing' status can be stopped."
            )
        self.cloud.executions.stop(self.here, execution["PipelineExecutionArn"])
        return ActionResult({"PipelineExecutionArn": execution["PipelineExecutionArn"]})

    def describe_pipeline_execution(self) -> ActionResult:
        """Return an execution."""
        return ActionResult(self._execution())

    def list_pipeline_executions(self) -> ActionResult:
        """Return a pipeline's executions, newest first unless asked otherwise."""
        request = self.request
        pipeline = self.pipeline(request["PipelineName"])
        kept = [
            item for item in self.collection(EXECUTION_KIND).all() if item["PipelineArn"] == pipeline["PipelineArn"]
        ]

        def summary(item: Document) -> Document:
            reason = item.get("FailureReason")
            extra = {"PipelineExecutionFailureReason": reason} if reason else {}
            return {"StartTime": item["CreationTime"], **{key: item.get(key) for key in _EXECUTION_SUMMARY}, **extra}

        chosen = listing.select(kept, request, "PipelineExecutionArn")
        return ActionResult(listing.page(chosen, request, "PipelineExecutionSummaries", summary))

    def list_pipeline_execution_steps(self) -> ActionResult:
        """Return the steps that an execution has begun, newest first unless asked otherwise."""
        request = self.request
        steps = list(self._execution()["Steps"].values())
        if request.get("SortOrder") != "Ascending":
            steps.reverse()
        return ActionResult(listing.page(steps, request, "PipelineExecutionSteps", lambda step: step))

    def list_pipeline_parameters_for_execution(self) -> ActionResult:
        """Return all parameters of an execution, defaults included."""
        request = self.request
        execution = self._execution()
        given = {item["Name"]: item["Value"] for item in execution.get("PipelineParameters") or []}
        values = parse(execution["PipelineDefinition"]).values(given)
        listed = [{"Name": name, "Value": _text(value)} for name, value in values.items()]
        return ActionResult(listing.page(listed, request, "PipelineParameters", lambda item: item))

    def describe_pipeline_definition_for_execution(self) -> ActionResult:
        """Return the definition that an execution runs."""
        return ActionResult(self._execution())

    def _execution(self) -> Document:
        arn = self.request.get("PipelineExecutionArn", "")  # one may be left out by the model, and none is named so
        return self.found(EXECUTION_KIND, arn, not_found(f"Pipeline execution with ARN {arn} does not exist."))

    def _same_token(self, pipeline: Document, token: str | None) -> str | None:
        """Return the execution that the same request already started."""
        for item in self.collection(EXECUTION_KIND).all() if token else []:
            if item["PipelineArn"] == pipeline["PipelineArn"] and item.get("ClientRequestToken") == token:
                return str(item["PipelineExecutionArn"])
        return None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

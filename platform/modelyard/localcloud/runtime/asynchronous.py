"""Asynchronous invocations: input and output in S3, a queue that survives a restart, a word to SNS at the end.

Source: the SageMaker developer guide, "Asynchronous inference": the notification's fields, the locations of output and
failure.
"""

import base64
import json
import logging
import queue
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.localcloud.guard import Answer
from modelyard.localcloud.runtime.deliveries import Call
from modelyard.localcloud.runtime.endpoints import Endpoints
from modelyard.localcloud.runtime.host import ACCOUNT, Host
from modelyard.localcloud.runtime.invocations import Asked, Invocations, Told, refusal
from modelyard.localcloud.runtime.objects import ObjectError, split_uri

KIND = "AsyncInvocation"
_PREFIX = "HTTP_X_AMZN_SAGEMAKER_"
_WORKERS = 4
_INLINE_BYTES = 128_000
_DEFAULT_TTL_SECONDS = 21_600
_DEFAULT_TIMEOUT_SECONDS = 900.0
_log = logging.getLogger(__name__)

Document = dict[str, Any]


class AsyncInvocations:
    """Serves InvokeEndpointAsync.

    Args:
        host: the local cloud.
        endpoints: who serves.
        invocations: asks the models.
    """

    def __init__(self, host: Host, endpoints: Endpoints, invocations: Invocations) -> None:
        self._host = host
        self._endpoints = endpoints
        self._invocations = invocations
        self._queue: queue.Queue[tuple[str, str] | None] = queue.Queue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._working = 0
        self._closing = threading.Event()

    def busy(self) -> bool:
        """Tell whether anything waits for its answer."""
        return self._working > 0 or not self._queue.empty()

    def recover(self) -> None:
        """Go on with what waited when the cloud stopped."""
        for region in self._host.store.regions():
            for name in self._host.store.names(region, KIND):
                self._submit(region, name)

    def close(self) -> None:
        """End; what waits is taken up at the next start."""
        self._closing.set()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout=10)

    def backlog(self) -> dict[tuple[str, str], int]:
        """Return how many invocations wait or are under way, by region and endpoint."""
        found: dict[tuple[str, str], int] = {}
        for region in self._host.store.regions():
            for document in self._host.collection(region, KIND).all():
                key = (region, document["EndpointName"])
                found[key] = found.get(key, 0) + 1
        return found

    def invoke(self, region: str, name: str, environ: Mapping[str, Any]) -> Answer:
        """Take one invocation in and say where its answer will be."""
        fleet = self._endpoints.fleet(region, name)
        if fleet is None:
            return refusal(400, "ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")
        config = fleet.config.get("AsyncInferenceConfig")
        if not config:
            return refusal(400, "ValidationError", f"Endpoint {name} is not asynchronous; call InvokeEndpoint.")
        location, body = environ.get(f"{_PREFIX}INPUTLOCATION", ""), environ["wsgi.input"].getvalue()
        problem = _problem(location, body)
        if problem:
            return refusal(400, "ValidationError", problem)
        work, inference_id = str(uuid.uuid4()), environ.get(f"{_PREFIX}INFERENCE_ID") or str(uuid.uuid4())
        output = config["OutputConfig"]
        base = output.get("S3OutputPath") or f"s3://sagemaker-{region}-{ACCOUNT}/async-endpoint-outputs/{name}"
        failure = output.get("S3FailurePath") or base
        extension = environ.get(f"{_PREFIX}S3OUTPUTPATHEXTENSION", "").strip("/")
        base = f"{base.rstrip('/')}/{extension}" if extension else base
        document = {
            "EndpointName": name,
            "InferenceId": inference_id,
            "InputLocation": location,
            "Body": base64.b64encode(body).decode(),
            "OutputLocation": f"{base.rstrip('/')}/{environ.get(f'{_PREFIX}FILENAME') or f'{work}.out'}",
            "FailureLocation": f"{failure.rstrip('/')}/{work}-error.out",
            "ContentType": environ.get(f"{_PREFIX}CONTENT_TYPE", ""),
            "Accept": environ.get(f"{_PREFIX}ACCEPT", ""),
            "CustomAttributes": environ.get(f"{_PREFIX}CUSTOM_ATTRIBUTES", ""),
            "Received": self._host.clock.time(),
            "TTL": int(environ.get(f"{_PREFIX}REQUESTTTLSECONDS") or _DEFAULT_TTL_SECONDS),
            "Timeout": float(environ.get(f"{_PREFIX}INVOCATIONTIMEOUTSECONDS") or _DEFAULT_TIMEOUT_SECONDS),
            "NotificationConfig": output.get("NotificationConfig") or {},
        }
        self._host.collection(region, KIND).add(work, document)
        self._submit(region, work)
        headers = [
            ("Content-Type", "application/json"),
            ("X-Amzn-SageMaker-OutputLocation", document["OutputLocation"]),
            ("X-Amzn-SageMaker-FailureLocation", document["FailureLocation"]),
        ]
        return "202 Accepted", headers, json.dumps({"InferenceId": inference_id}).encode()

    def _submit(self, region: str, work: str) -> None:
        with self._lock:
            if not self._threads:
                self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(_WORKERS)]
                for thread in self._threads:
                    thread.start()
        self._queue.put((region, work))

    def _run(self) -> None:
        while (item := self._queue.get()) is not None and not self._closing.is_set():
            with self._lock:
                self._working += 1
            try:
                self._work(*item)
            except Exception:  # noqa: BLE001  # one invocation must not end the others
                _log.exception("an asynchronous invocation failed")
            finally:
                with self._lock:
                    self._working -= 1

    def _work(self, region: str, work: str) -> None:
        document = self._host.collection(region, KIND).get(work)
        if document is None:
            return
        failure = ""
        try:
            told = self._ask(region, document)
            if told.status >= 400:
                failure = told.body.decode(errors="replace")
            else:
                self._put(region, document["OutputLocation"], told.body, told.content_type)
        except (BotoCoreError, ClientError, ObjectError) as error:
            failure, told = str(error), Told(400, {}, b"")
        if self._closing.is_set():
            return  # the model server may have gone with the cloud: it is asked again
        if failure:
            self._put(region, document["FailureLocation"], failure.encode(), "text/plain")
        self._host.collection(region, KIND).remove(work)
        self._notify(region, document, told, failure)

    def _ask(self, region: str, document: Document) -> Told:
        if self._host.clock.time() - document["Received"] > document["TTL"]:
            return Told(400, {}, b"The request expired in the queue before it was processed.")
        fleet = self._endpoints.fleet(region, document["EndpointName"])
        if fleet is None:
            return Told(400, {}, b"The endpoint is gone.")
        body, kind = self._input(region, document)
        headers = {
            "CONTENT-TYPE": document["ContentType"] or kind,
            "ACCEPT": document["Accept"],
            "X-AMZN-SAGEMAKER-CUSTOM-ATTRIBUTES": document["CustomAttributes"],
            "X-AMZN-SAGEMAKER-INFERENCE-ID": document["InferenceId"],
        }
        asked = Asked(
            body,
            {name: value for name, value in headers.items() if value},
            inference_id=document["InferenceId"],
            timeout_seconds=document["Timeout"],
        )
        return self._invocations.ask(region, document["EndpointName"], fleet, asked)

    def _input(self, region: str, document: Document) -> tuple[bytes, str]:
        if not document["InputLocation"]:
            return base64.b64decode(document["Body"]), "application/octet-stream"
        bucket, key = split_uri(document["InputLocation"])
        found = self._host.client("s3", region).get_object(Bucket=bucket, Key=key)
        return found["Body"].read(), found["ContentType"]

    def _put(self, region: str, uri: str, content: bytes, content_type: str) -> None:
        bucket, key = split_uri(uri)
        try:
            self._host.client("s3", region).put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type)
        except (BotoCoreError, ClientError) as error:
            _log.warning("the answer %s is lost: %s", uri, error)

    def _notify(self, region: str, document: Document, told: Told, failure: str) -> None:
        topics = document["NotificationConfig"]
        topic = topics.get("ErrorTopic" if failure else "SuccessTopic")
        if not topic:
            return
        message = {
            "awsRegion": region,
            "eventTime": self._host.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "receivedTime": document["Received"],
            "invocationStatus": "Failed" if failure else "Completed",
            "requestParameters": {
                "accept": document["Accept"] or None,
                "contentType": document["ContentType"] or None,
                "endpointName": document["EndpointName"],
                "inputLocation": document["InputLocation"],
            },
            "inferenceId": document["InferenceId"],
            "eventVersion": "1.0",
            "eventSource": "aws:sagemaker",
            "eventName": "InferenceResult",
        }
        if failure:
            message["failureReason"] = failure
            message["responseParameters"] = {"outputLocation": document["FailureLocation"]}
        else:
            message["responseParameters"] = {
                "contentType": told.content_type,
                "outputLocation": document["OutputLocation"],
            }
        self._host.deliveries.send(region, Call("sns", "publish", {"TopicArn": topic, "Message": json.dumps(message)}))


def _problem(location: str, body: bytes) -> str:
    """Return what is wrong with an invocation's input; an empty text if nothing is."""
    if bool(location) == bool(body):
        return "Exactly one of Body and InputLocation has to be given."
    if location and not location.startswith("s3://"):
        return "InputLocation must be an S3 address."
    if len(body) > _INLINE_BYTES:
        return f"The payload is {len(body)} bytes, more than {_INLINE_BYTES}; put it into S3 and give InputLocation."
    return ""

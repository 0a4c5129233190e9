"""Invocations: who answers, what is counted and captured of it, and what an error of the model looks like."""

import json
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import urllib3

from modelyard.localcloud.guard import Answer
from modelyard.localcloud.runtime.capture import Body, Capture, Invocation
from modelyard.localcloud.runtime.endpoints import Endpoints
from modelyard.localcloud.runtime.fleet import Fleet, FleetError
from modelyard.localcloud.runtime.host import ACCOUNT, Host
from modelyard.localcloud.runtime.launching import INVOKE_TIMEOUT_SECONDS
from modelyard.localcloud.runtime.meter import Meter
from modelyard.localcloud.runtime.objects import ObjectError
from modelyard.localcloud.runtime.variant import ThrottledError, Variant

PAYLOAD_BYTES = 25 * 2**20
SERVERLESS_PAYLOAD_BYTES = 4 * 2**20
_PREFIX = "HTTP_X_AMZN_SAGEMAKER_"
_PASSED = (
    "CONTENT_TYPE",
    "HTTP_ACCEPT",
    "HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES",
    "HTTP_X_AMZN_SAGEMAKER_INFERENCE_ID",
)


@dataclass(frozen=True)
class Asked:
    """One invocation.

    Args:
        body: the payload.
        headers: what the model server gets.
        variant: the variant that is asked for; empty for any.
        model: the model of a multi-model endpoint; empty if none.
        inference_id: what the caller calls it.
        timeout_seconds: how long the model may take.
    """

    body: bytes
    headers: dict[str, str]
    variant: str = ""
    model: str = ""
    inference_id: str = ""
    timeout_seconds: float = INVOKE_TIMEOUT_SECONDS


@dataclass(frozen=True)
class Told:
    """What came of it.

    Args:
        status: the model server's, or AWS's own.
        headers: of the model server.
        body: of the answer.
        variant: who answered; empty if nobody did.
        code: AWS's error where nobody was asked.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    variant: str = ""
    code: str = ""

    @property
    def content_type(self) -> str:
        """What the body is."""
        return next((v for k, v in self.headers.items() if k.lower() == "content-type"), "text/plain")


class Invocations:
    """Serves InvokeEndpoint.

    Args:
        host: the local cloud.
        endpoints: who serves.
    """

    def __init__(self, host: Host, endpoints: Endpoints) -> None:
        self._host = host
        self._endpoints = endpoints
        self.meter = Meter(host)
        self.capture = Capture(host)
        self._owed: dict[int, float] = {}
        self._lock = threading.Lock()
        self._copies = ThreadPoolExecutor(max_workers=4, thread_name_prefix="shadow")

    def close(self) -> None:
        """Write what is still held."""
        self._copies.shutdown(wait=True, cancel_futures=True)
        self.capture.close()
        self.meter.close()

    def flush(self) -> None:
        """Send metrics and captured data that are still held."""
        self.capture.flush()
        self.meter.flush()

    def invoke(self, region: str, name: str, environ: Mapping[str, Any]) -> Answer:
        """Serve one invocation of AWS's runtime API."""
        fleet = self._endpoints.fleet(region, name)
        if fleet is None:
            return refusal(400, "ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")
        if fleet.config.get("AsyncInferenceConfig"):
            return refusal(400, "ValidationError", f"Endpoint {name} is asynchronous; call InvokeEndpointAsync.")
        asked = Asked(
            environ["wsgi.input"].getvalue(),
            {key.removeprefix("HTTP_").replace("_", "-"): environ[key] for key in _PASSED if environ.get(key)},
            environ.get(f"{_PREFIX}TARGET_VARIANT", ""),
            environ.get(f"{_PREFIX}TARGET_MODEL", ""),
            environ.get(f"{_PREFIX}INFERENCE_ID", ""),
        )
        told = self.ask(region, name, fleet, asked)
        if told.code:
            return refusal(told.status, told.code, told.body.decode())
        if told.status >= 400:
            return _model_error(region, name, told)
        headers = [("Content-Type", told.content_type), ("x-Amzn-Invoked-Production-Variant", told.variant)]
        headers += [(key, told.headers[key]) for key in told.headers if key.lower() == _CUSTOM]
        return "200 OK", headers, told.body

    def ask(self, region: str, name: str, fleet: Fleet, asked: Asked) -> Told:
        """Have a fleet answer, count and capture it, and give shadow variants their copy."""
        variant = fleet.choose(asked.variant or None)
        if variant is None:
            return _refused(400, "ValidationError", f"Variant {asked.variant} not found for Request")
        most = SERVERLESS_PAYLOAD_BYTES if variant.serverless else PAYLOAD_BYTES
        if len(asked.body) > most and not fleet.config.get("AsyncInferenceConfig"):
            return _refused(413, "ValidationError", f"The payload is {len(asked.body)} bytes, more than {most}.")
        if variant.multi != bool(asked.model):
            said = "needs a TargetModel" if variant.multi else "does not support TargetModel"
            return _refused(400, "ValidationError", f"The endpoint {name} {said} header.")
        told = self._of(region, name, variant, asked)
        if told.code:
            return told
        self._capture(region, name, fleet, asked, told)
        for shadow in fleet.shadows.values():
            if self._is_due(shadow, fleet.share(shadow)):
                self._copies.submit(self._copy, region, name, fleet, shadow, asked)
        return told

    def _of(self, region: str, name: str, variant: Variant, asked: Asked) -> Told:
        started = time.monotonic()
        try:
            with variant.serving(asked.model) as (server, setup):
                if setup and variant.serverless:
                    self.meter.add(region, name, variant.name, "ModelSetupTime", setup * 1e6, "Microseconds")
                started = time.monotonic()
                status, headers, body = server.post(asked.body, asked.headers, asked.timeout_seconds)
        except ThrottledError:
            return _refused(429, "ThrottlingException", "Rate exceeded: MaxConcurrency invocations are under way.")
        except ObjectError:
            return _refused(400, "ValidationError", _NO_MODEL.format(asked.model))
        except FleetError as error:
            status, headers, body = 500, {}, str(error).encode()
        except urllib3.exceptions.TimeoutError:
            said = f"Invocation timed out while waiting for a response from container of variant {variant.name}"
            status, headers, body = 500, {}, said.encode()
        except urllib3.exceptions.HTTPError as error:
            status, headers, body = 500, {}, f"the model server did not answer: {error}".encode()
        self.meter.count(region, name, variant.name, status, time.monotonic() - started)
        return Told(status, headers, body, variant.name)

    def _capture(self, region: str, name: str, fleet: Fleet, asked: Asked, told: Told) -> None:
        config = fleet.config.get("DataCaptureConfig")
        if not config or told.status >= 400:
            return
        given = Body(asked.body, asked.headers.get("CONTENT-TYPE", "application/octet-stream"))
        answer = Body(told.body, told.content_type)
        self.capture.record(Invocation(region, name, told.variant, config, given, answer, asked.inference_id))

    def _copy(self, region: str, name: str, fleet: Fleet, shadow: Variant, asked: Asked) -> None:
        told = self._of(region, name, shadow, asked)
        if not told.code:
            self._capture(region, name, fleet, asked, told)

    def _is_due(self, shadow: Variant, share: float) -> bool:
        with self._lock:
            owed = self._owed.get(id(shadow), 0.0) + share
            due = owed >= 1.0 - 1e-9
            self._owed[id(shadow)] = owed - float(due)
            return due


_CUSTOM = "x-amzn-sagemaker-custom-attributes"
_NO_MODEL = (
    "Failed to download model data (model: {}). Please ensure that there is an object located at the URL "
    "and that the role passed to CreateModel has permissions to download the object."
)


def refusal(status: int, code: str, message: str, **fields: Any) -> Answer:
    """Return an error of the runtime API."""
    headers = [("Content-Type", "application/json"), ("x-amzn-errortype", code)]
    return f"{status} {code}", headers, json.dumps({"Message": message, "message": message, **fields}).encode()


def _refused(status: int, code: str, message: str) -> Told:
    return Told(status, {}, message.encode(), code=code)


def _model_error(region: str, name: str, told: Told) -> Answer:
    said = told.body.decode(errors="replace")
    link = (
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#logEventViewer:group=/aws/sagemaker/Endpoints/{name}"
    )
    who = "client" if told.status < 500 else "server"
    message = (
        f'Received {who} error ({told.status}) from primary with message "{said}". See {link} in account '
        f"{ACCOUNT} for more information."
    )
    return refusal(424, "ModelError", message, OriginalStatusCode=told.status, OriginalMessage=said, LogStreamArn="")

"""Invocations: who answers, what is counted and captured of it, and what an error of the model looks like."""

import json
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import urllib3

from modelyard.localcloud.guard import Answer
from modelyard.localcloud.runtime.capture import Body, Capture, Invocation
from modelyard.localcloud.runtime.endpoints import Endpoints
from modelyard.localcloud.runtime.fleet import Fleet, FleetError
from modelyard.localcloud.runtime.host import ACCOUNT, Host
from modelyard.localcloud.runtime.launching import (
    INVOKE_TIMEOUT_SECONDS,
    PRIMARY,
    Request,
    content_type,
)
from modelyard.localcloud.runtime.meter import Meter
from modelyard.localcloud.runtime.objects import ObjectError
from modelyard.localcloud.runtime.variant import LeftError, ThrottledError, Variant

PAYLOAD_BYTES = 25 * 2**20
SERVERLESS_PAYLOAD_BYTES = 4 * 2**20
_PREFIX = "HTTP_X_AMZN_SAGEMAKER_"
_PASSED = (
    "CONTENT_TYPE",
    "HTTP_ACCEPT",
    "HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES",
    "HTTP_X_AMZN_SAGEMAKER_INFERENCE_ID",
    "HTTP_X_AMZN_SAGEMAKER_SESSION_ID",
)
_RETURNED = (
    "x-amzn-sagemaker-custom-attributes",
    "x-amzn-sagemaker-new-session-id",
    "x-amzn-sagemaker-closed-session-id",
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
        container: the container of a model whose containers are asked directly; empty if none.
    """

    body: bytes
    headers: dict[str, str]
    variant: str = ""
    model: str = ""
    inference_id: str = ""
    timeout_seconds: float = INVOKE_TIMEOUT_SECONDS
    container: str = ""

    @property
    def request(self) -> Request:
        """What the model server gets of it."""
        return Request(self.body, self.headers, self.timeout_seconds, self.container)


@dataclass(frozen=True)
class Told:
    """What came of it.

    Args:
        status: the model server's, or AWS's own.
        headers: of the model server.
        body: of the answer.
        variant: who answered; empty if nobody did.
        code: AWS's error where nobody was asked.
        container: who of the variant's containers answered.
        parts: the body as it arrives, where it was asked for as a stream.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    variant: str = ""
    code: str = ""
    container: str = PRIMARY
    parts: Iterable[bytes] = ()

    @property
    def content_type(self) -> str:
        """What the body is."""
        return content_type(self.headers)


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
        fleet = self.fleet(region, name)
        told = self.ask(region, name, fleet, asked_by(environ)) if isinstance(fleet, Fleet) else fleet
        if told.status >= 400:
            return refused(region, name, told)
        headers = [("Content-Type", told.content_type), *named(told)]
        return "200 OK", headers, told.body

    def fleet(self, region: str, name: str) -> Fleet | Told:
        """Return the fleet of the next invocation, or why there is none that answers at once."""
        fleet = self._endpoints.fleet(region, name)
        if fleet is None:
            return nobody(name)
        if fleet.config.get("AsyncInferenceConfig"):
            return refusal_of(400, "ValidationError", f"Endpoint {name} is asynchronous; call InvokeEndpointAsync.")
        return fleet

    def ask(self, region: str, name: str, fleet: Fleet, asked: Asked) -> Told:
        """Have a fleet answer, count and capture it, and give shadow variants their copy."""
        variant = admit(name, fleet, asked)
        if isinstance(variant, Told):
            return variant
        try:
            told = self._of(region, name, variant, asked)
        except LeftError:
            following = self.following(region, name, fleet)
            return self.ask(region, name, following, asked) if following else nobody(name)
        if not told.code:
            self.note(region, name, fleet, asked, told)
        return told

    def following(self, region: str, name: str, left: Fleet) -> Fleet | None:
        """Return the fleet that answers instead of one that has left; None if there is none."""
        fleet = self._endpoints.fleet(region, name)
        return None if fleet is left else fleet

    def note(self, region: str, name: str, fleet: Fleet, asked: Asked, told: Told) -> None:
        """Capture what was answered, and give shadow variants their copy of what was asked."""
        self._capture(region, name, fleet, asked, told)
        for shadow in fleet.shadows.values():
            if self._is_due(shadow, fleet.share(shadow)):
                self._copies.submit(self._copy, region, name, fleet, shadow, asked)

    def _of(self, region: str, name: str, variant: Variant, asked: Asked) -> Told:
        with ExitStack() as stack:
            reply, seconds = self.reply(stack, region, name, variant, asked)
        if not reply.code:
            self.meter.count(region, name, variant.name, reply.status, seconds)
        return reply

    def reply(
        self, stack: ExitStack, region: str, name: str, variant: Variant, asked: Asked, *, stream: bool = False
    ) -> tuple[Told, float]:
        """Ask a server; where nobody listens any more, it is started anew and asked.

        Args:
            stack: ends with the answer; until then the server counts as at work.
            region: the endpoint's.
            name: its name.
            variant: who answers.
            asked: the invocation.
            stream: return as soon as the answer begins.

        Returns:
            what is told, and the seconds that the model took; a server's start is none of them.

        Raises:
            LeftError: the variant has made way for another.
        """
        started = time.monotonic()
        try:
            for _ in range(_CRASHES):
                server, setup = stack.enter_context(variant.serving(asked.model))
                if setup and variant.serverless:
                    self.meter.add(region, name, variant.name, "ModelSetupTime", setup * 1e6, "Microseconds")
                started = time.monotonic()
                try:
                    reply = server.post(asked.request, stream=stream)
                except urllib3.exceptions.NewConnectionError:
                    server.lost = True
                    stack.close()
                    continue
                told = Told(reply.status, reply.headers, reply.body, variant.name, "", reply.container, reply.parts)
                return told, time.monotonic() - started
            raise FleetError(f"The model server of variant {variant.name} crashes again and again.")
        except (ThrottledError, ObjectError, FleetError, urllib3.exceptions.HTTPError) as error:
            return failure(error, variant.name, asked), time.monotonic() - started

    def _capture(self, region: str, name: str, fleet: Fleet, asked: Asked, told: Told) -> None:
        config = fleet.config.get("DataCaptureConfig")
        if not config or told.status >= 400:
            return
        given = Body(asked.body, asked.headers.get("CONTENT-TYPE", "application/octet-stream"))
        answer = Body(told.body, told.content_type)
        self.capture.record(Invocation(region, name, told.variant, config, given, answer, asked.inference_id))

    def _copy(self, region: str, name: str, fleet: Fleet, shadow: Variant, asked: Asked) -> None:
        try:
            told = self._of(region, name, shadow, asked)
        except LeftError:  # an update has taken its place meanwhile
            return
        if not told.code:
            self._capture(region, name, fleet, asked, told)

    def _is_due(self, shadow: Variant, share: float) -> bool:
        with self._lock:
            owed = self._owed.get(id(shadow), 0.0) + share
            due = owed >= 1.0 - 1e-9
            self._owed[id(shadow)] = owed - float(due)
            return due


_CRASHES = 3
_NO_MODEL = (
    "Failed to download model data (model: {}). Please ensure that there is an object located at the URL "
    "and that the role passed to CreateModel has permissions to download the object."
)


def asked_by(environ: Mapping[str, Any]) -> Asked:
    """Return what a request of the runtime API asks for."""
    headers = {key.removeprefix("HTTP_").replace("_", "-"): environ[key] for key in _PASSED if environ.get(key)}
    # A stream's caller says elsewhere what it wants, for HTTP's own Accept is that of the events.
    accept = environ.get(f"{_PREFIX}ACCEPT")
    return Asked(
        environ["wsgi.input"].getvalue(),
        {**headers, "ACCEPT": accept} if accept else headers,
        environ.get(f"{_PREFIX}TARGET_VARIANT", ""),
        environ.get(f"{_PREFIX}TARGET_MODEL", ""),
        environ.get(f"{_PREFIX}INFERENCE_ID", ""),
        container=environ.get(f"{_PREFIX}TARGET_CONTAINER_HOSTNAME", ""),
    )


def admit(name: str, fleet: Fleet, asked: Asked) -> Variant | Told:
    """Return the variant that answers, or why nobody does."""
    variant = fleet.choose(asked.variant or None)
    if variant is None:
        return refusal_of(400, "ValidationError", f"Variant {asked.variant} not found for Request")
    most = SERVERLESS_PAYLOAD_BYTES if variant.serverless else PAYLOAD_BYTES
    if len(asked.body) > most and not fleet.config.get("AsyncInferenceConfig"):
        return refusal_of(413, "ValidationError", f"The payload is {len(asked.body)} bytes, more than {most}.")
    if variant.multi != bool(asked.model):
        said = "needs a TargetModel" if variant.multi else "does not support TargetModel"
        return refusal_of(400, "ValidationError", f"The endpoint {name} {said} header.")
    known = variant.containers
    if bool(known) != bool(asked.container) or (known and asked.container not in known):
        said = (
            f"needs a TargetContainerHostname, one of {', '.join(known)}," if known else "has no containers to choose"
        )
        return refusal_of(400, "ValidationError", f"The endpoint {name} {said} for direct invocation.")
    return variant


def failure(error: Exception, variant: str, asked: Asked) -> Told:
    """Return what the caller is told where no model server has answered."""
    if isinstance(error, ThrottledError):
        return refusal_of(429, "ThrottlingException", "Rate exceeded: MaxConcurrency invocations are under way.")
    if isinstance(error, ObjectError):
        return refusal_of(400, "ValidationError", _NO_MODEL.format(asked.model))
    said = f"the model server did not answer: {error}"
    if isinstance(error, urllib3.exceptions.TimeoutError):
        said = f"Invocation timed out while waiting for a response from container of variant {variant}"
    elif isinstance(error, FleetError):
        said = str(error)
    return Told(500, {}, said.encode(), variant)


def named(told: Told) -> list[tuple[str, str]]:
    """Return the headers that say who answered, and what the model tells its caller besides."""
    said = [(key, value) for key, value in told.headers.items() if key.lower() in _RETURNED]
    return [("x-Amzn-Invoked-Production-Variant", told.variant), *said]


def refusal(status: int, code: str, message: str, **fields: Any) -> Answer:
    """Return an error of the runtime API."""
    headers = [("Content-Type", "application/json"), ("x-amzn-errortype", code)]
    return f"{status} {code}", headers, json.dumps({"Message": message, "message": message, **fields}).encode()


def nobody(name: str) -> Told:
    """Return what is told of an endpoint that is not there."""
    return refusal_of(400, "ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")


def refusal_of(status: int, code: str, message: str) -> Told:
    """Return what is told where nobody is asked."""
    return Told(status, {}, message.encode(), code=code)


def refused(region: str, name: str, told: Told) -> Answer:
    """Return the error that a caller gets of what was told."""
    said = told.body.decode(errors="replace")
    if told.code:
        return refusal(told.status, told.code, said)
    group = f"/aws/sagemaker/Endpoints/{name}"
    link = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group}"
    who = "client" if told.status < 500 else "server"
    message = (
        f'Received {who} error ({told.status}) from {told.container} with message "{said}". See {link} in account '
        f"{ACCOUNT} for more information."
    )
    arn = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{group}"
    return refusal(424, "ModelError", message, OriginalStatusCode=told.status, OriginalMessage=said, LogStreamArn=arn)

"""Endpoints: deployed in the background, updated without a gap, invoked for real."""

import json
import logging
import secrets
import threading
import time
from typing import Any
from wsgiref.types import WSGIEnvironment

import urllib3

from modelyard.localcloud.guard import Answer
from modelyard.localcloud.runtime.fleet import Fleet, FleetError
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.meter import Meter

KIND = "Endpoint"
CONFIG_KIND = "EndpointConfig"
EVENT = "SageMaker Endpoint State Change"
RESTORE_TIMEOUT_SECONDS = 60.0
_EVENT_STATUS = {"InService": "IN_SERVICE", "OutOfService": "OUT_OF_SERVICE", "RollingBack": "ROLLING_BACK"}
_PASSED = (
    "CONTENT_TYPE",
    "HTTP_ACCEPT",
    "HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES",
    "HTTP_X_AMZN_SAGEMAKER_INFERENCE_ID",
)
_log = logging.getLogger(__name__)

Key = tuple[str, str]
Document = dict[str, Any]


class Endpoints:
    """All endpoints that are served.

    Args:
        host: the local cloud.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._fleets: dict[Key, Fleet] = {}
        self._generation: dict[Key, int] = {}
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._meter = Meter(host)
        self._closing = threading.Event()

    def deploy(self, region: str, name: str) -> None:
        """Bring an endpoint to what its document asks for; what serves now goes on until the new fleet answers."""
        with self._lock:
            generation = self._generation[region, name] = self._generation.get((region, name), 0) + 1
        thread = threading.Thread(target=self._deploy, args=(region, name, generation), name=name, daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def delete(self, region: str, name: str) -> None:
        """Stop serving an endpoint."""
        with self._lock:
            self._generation[region, name] = self._generation.get((region, name), 0) + 1
            fleet = self._fleets.pop((region, name), None)
        if fleet:
            fleet.stop()

    def recover(self) -> None:
        """Serve again what was served when the cloud stopped."""
        for region in self._host.store.regions():
            for document in self._host.collection(region, KIND).all():
                if document["EndpointStatus"] in ("InService", "Creating", "Updating"):
                    self.deploy(region, document["EndpointName"])

    def close(self) -> None:
        """Stop serving because the cloud stops; the documents stay as they are."""
        self._closing.set()
        with self._lock:
            for key in self._generation:
                self._generation[key] += 1
            fleets = list(self._fleets.values())
            self._fleets.clear()
        stoppers = [threading.Thread(target=fleet.stop) for fleet in fleets]
        for thread in stoppers:
            thread.start()
        for thread in [*stoppers, *self._threads]:
            thread.join(timeout=20)
        self._meter.close()

    def invoke(self, region: str, name: str, environ: WSGIEnvironment) -> Answer:
        """Serve one invocation."""
        document = self._host.collection(region, KIND).get(name)
        fleet = self._serving(region, name) if document else None
        if document is None or fleet is None:
            return _error(400, "ValidationError", f"Endpoint {name} of account 123456789012 not found.")
        wanted = environ.get("HTTP_X_AMZN_SAGEMAKER_TARGET_VARIANT")
        server = fleet.choose(wanted)
        if server is None:
            return _error(400, "ValidationError", f"Variant {wanted} not found for Request")
        headers = {key.removeprefix("HTTP_").replace("_", "-"): environ[key] for key in _PASSED if environ.get(key)}
        started = time.monotonic()
        try:
            status, got, body = server.post(environ["wsgi.input"].getvalue(), headers)
        except urllib3.exceptions.HTTPError as error:
            status, got, body = 500, {}, f"the model server did not answer: {error}".encode()
        self._meter.count(region, name, server.variant, status, time.monotonic() - started)
        if status >= 400:
            return self._model_error(region, name, status, body)
        answer = [("Content-Type", next((v for k, v in got.items() if k.lower() == "content-type"), "text/plain"))]
        answer += [("x-Amzn-Invoked-Production-Variant", server.variant)]
        answer += [(key, got[key]) for key in got if key.lower() == "x-amzn-sagemaker-custom-attributes"]
        return "200 OK", answer, body

    def _serving(self, region: str, name: str) -> Fleet | None:
        """Return the fleet that serves an endpoint, waiting while a restarted cloud brings it up again."""
        deadline = time.monotonic() + RESTORE_TIMEOUT_SECONDS
        while (region, name) not in self._fleets and time.monotonic() < deadline:
            document = self._host.collection(region, KIND).get(name)
            if document is None or document["EndpointStatus"] != "InService":
                return None
            time.sleep(0.05)
        return self._fleets.get((region, name))

    def _deploy(self, region: str, name: str, generation: int) -> None:
        document = self._host.collection(region, KIND).get(name)
        if document is None:
            return
        if document["EndpointStatus"] != "InService":
            self.announce(region, document)
        fleet = Fleet(self._host, region, name, self._host.folder / "endpoints" / region / name / secrets.token_hex(8))
        try:
            fleet.start(self._variants(region, document["EndpointConfigName"]))
        except FleetError as error:
            self._fail(region, name, generation, str(error))
        except Exception as error:  # noqa: BLE001  # an endpoint must not stay in Creating, whatever happened
            _log.exception("endpoint %s", name)
            fleet.stop()
            self._fail(region, name, generation, f"InternalServerError: {type(error).__name__}: {error}")
        else:
            self._swap(region, name, generation, fleet, document["EndpointConfigName"])

    def _variants(self, region: str, config_name: str) -> list[Document]:
        config = self._host.collection(region, CONFIG_KIND).get(config_name)
        if config is None:
            raise FleetError(f"Could not find endpoint configuration {config_name}.")
        variants: list[Document] = config["ProductionVariants"]
        return variants

    def _swap(self, region: str, name: str, generation: int, fleet: Fleet, config_name: str) -> None:
        """Let a fleet that answers take over, unless the endpoint was changed or deleted meanwhile."""
        with self._lock:
            current = self._generation.get((region, name)) == generation and not self._closing.is_set()
            before = self._fleets.get((region, name)) if current else fleet
            if current:
                self._fleets[region, name] = fleet
        if before:
            before.stop()
        if current:
            self._set(region, name, "InService", FailureReason=None, DeployedConfigName=config_name)

    def _fail(self, region: str, name: str, generation: int, reason: str) -> None:
        """A first deployment fails the endpoint; an update leaves it serving what it served."""
        if self._generation.get((region, name)) != generation or self._closing.is_set():
            return
        serving = (region, name) in self._fleets
        document = self._host.collection(region, KIND).get(name)
        if document is None:
            return
        changes = {"EndpointConfigName": document.get("DeployedConfigName")} if serving else {}
        self._set(region, name, "InService" if serving else "Failed", FailureReason=reason, **changes)

    def _set(self, region: str, name: str, status: str, **changes: Any) -> None:
        document = self._host.collection(region, KIND).update(
            name, EndpointStatus=status, LastModifiedTime=now(), **changes
        )
        if document:
            self.announce(region, document)

    def announce(self, region: str, document: Document) -> None:
        """Put an endpoint's state on the event bus."""
        status = document["EndpointStatus"]
        detail = {
            "EndpointName": document["EndpointName"],
            "EndpointArn": document["EndpointArn"],
            "EndpointConfigName": document["EndpointConfigName"],
            "EndpointStatus": _EVENT_STATUS.get(status, status.upper()),
            "CreationTime": document["CreationTime"],
            "LastModifiedTime": document["LastModifiedTime"],
            "Tags": self._host.store.tags(document["EndpointArn"]),
        }
        if document.get("FailureReason"):
            detail["FailureReason"] = document["FailureReason"]
        self._host.events.send(region, EVENT, [document["EndpointArn"]], detail)

    def _model_error(self, region: str, name: str, status: int, body: bytes) -> Answer:
        said = body.decode(errors="replace")
        link = (
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
            f"#logEventViewer:group=/aws/sagemaker/Endpoints/{name}"
        )
        message = (
            f'Received client error ({status}) from primary with message "{said}". See {link} in account '
            "123456789012 for more information."
        )
        if status >= 500:
            message = message.replace("client error", "server error", 1)
        fields = {"OriginalStatusCode": status, "OriginalMessage": said, "LogStreamArn": ""}
        return _error(424, "ModelError", message, **fields)


def _error(status: int, code: str, message: str, **fields: Any) -> Answer:
    headers = [("Content-Type", "application/json"), ("x-amzn-errortype", code)]
    return f"{status} {code}", headers, json.dumps({"Message": message, "message": message, **fields}).encode()

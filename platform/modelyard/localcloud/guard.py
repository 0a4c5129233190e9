"""Every request comes through here: moto's failures leave as proper AWS errors, never as a page of HTML.

botocore retries a 500 and can't read HTML; an operation that nobody implements must instead be named at once.
"""

import json
import logging
import re
from collections.abc import Callable, Generator, Iterable
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from botocore.exceptions import BotoCoreError
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.request import Request, determine_request_protocol
from moto.core.responses import boto3_service_name
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException

from modelyard.localcloud import services
from modelyard.localcloud.serving import call
from modelyard.localcloud.state import requests
from modelyard.localcloud.state.gate import Gate
from modelyard.localcloud.state.journal import REQUEST, Journal

NOT_IMPLEMENTED = 501
_READS = re.compile(r"(Describe|List|Get|BatchGet|Head|Lookup|Simulate|Filter|Search|Test)")
_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_log = logging.getLogger(__name__)

Answer = tuple[str, list[tuple[str, str]], bytes]
Streamed = tuple[str, list[tuple[str, str]], Generator[bytes, None, None]]
Runtime = Callable[[str, str, WSGIEnvironment], Answer | Streamed | None]
Clock = Callable[[dict[str, Any]], dict[str, Any]]


class Guard:
    """The WSGI application of the local cloud.

    Args:
        gate: what holds requests back while a snapshot is taken.
        health: what `GET /_modelyard/health` answers.
        save: what `POST /_modelyard/save` does before it answers: it saves the state.
        runtime: answers a request to a runtime API, given its region and path; it never waits at the gate.
        clock: what `/_modelyard/clock` does: it shows the cloud's clock, or sets it.
        journal: told of each request that may change something.
    """

    def __init__(
        self,
        gate: Gate,
        health: Callable[[], dict[str, Any]],
        save: Callable[[], bool],
        runtime: Runtime,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._gate = gate
        self._health = health
        self._save = save
        self._runtime = runtime
        self._clock = clock
        self._journal = journal
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        status, headers, body = self._answer(environ)
        start_response(status, headers)
        return [body] if isinstance(body, bytes) else body

    def _answer(self, environ: WSGIEnvironment) -> Answer | Streamed:
        path = environ["PATH_INFO"]
        if path == "/_modelyard/health":
            return "200 OK", [("Content-Type", "application/json")], json.dumps(self._health()).encode()
        if path == "/_modelyard/save":
            return ("200 OK" if self._save() else "503 Service Unavailable"), [("Content-Type", "text/plain")], b""
        body = environ["wsgi.input"].getvalue()
        if path == "/_modelyard/clock":
            return "200 OK", [("Content-Type", "application/json")], json.dumps(self._clock(_asked(body))).encode()
        answer = self._runtime(scope(environ)[1], path, environ)
        if answer:
            return answer
        changes = not is_read(environ, body)
        with self._gate.passing(changes=changes):
            if changes:
                self._journal.append(REQUEST, requests.keep(environ, body))
            return self._ask_moto(environ, body)

    def operation(self, environ: WSGIEnvironment, body: bytes) -> tuple[str, str]:
        """Return botocore's names of the service and the operation that a request is for."""
        service = self._service(environ)
        return service, operation_name(environ, body, service)

    def ask(self, environ: WSGIEnvironment, body: bytes) -> Answer:
        """Answer a request that was kept, without keeping it again."""
        return self._ask_moto(environ, body)

    def _ask_moto(self, environ: WSGIEnvironment, body: bytes) -> Answer:
        backend = self._backend(environ)
        services.demand(backend)
        if backend is None or not self._is_known(environ):
            return self._refusal(environ, body, "NotImplemented", "")
        if not _is_readable(environ, body):
            said = "The request is no JSON object"
            headers, content = shape_error(self._service(environ), "application/json", "SerializationException", said)
            return "400 Bad Request", headers, content
        try:
            answer = call(self._moto, environ)
        except NotImplementedError as error:
            return self._refusal(environ, body, "NotImplemented", str(error))
        except HTTPException as error:
            return self._refusal(environ, body, "NotImplemented", str(error.description))
        except Exception as error:  # noqa: BLE001  # moto raises anything at all
            # The client is told what, and the log says where.
            _log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return self._refusal(environ, body, "InternalFailure", f"{type(error).__name__}: {error}")
        if answer[0].startswith("404") and self._is_unrouted(environ, answer):
            return self._refusal(environ, body, "NotImplemented", "")
        return answer

    def _is_known(self, environ: WSGIEnvironment) -> bool:
        """Tell whether AWS has the operation that a request names; one that is told by its path is not looked at."""
        target: str = environ.get("HTTP_X_AMZ_TARGET", "")
        try:
            return not target or target.rpartition(".")[2] in get_service_model(self._service(environ)).operation_names
        except BotoCoreError:
            return True

    def _is_unrouted(self, environ: WSGIEnvironment, answer: Answer) -> bool:
        """Tell moto's own `no such path` from an operation's `not found`."""
        content = answer[2].lstrip()
        return content.startswith(b"<!doctype html") or (not content and scope(environ)[0] not in ("s3", ""))

    def _refusal(self, environ: WSGIEnvironment, body: bytes, code: str, reason: str) -> Answer:
        service = self._service(environ)
        operation = operation_name(environ, body, service)
        message = f"The local cloud has no {service} {operation}."
        if code != "NotImplemented":
            message = f"{service} {operation} failed in the local cloud: {reason}"
        elif reason and "action has not been implemented" not in reason:
            message = f"{message} {reason}"
        _log.warning("%s", message)
        headers, content = shape_error(service, environ.get("CONTENT_TYPE", ""), code, message)
        return f"{NOT_IMPLEMENTED} Not Implemented", headers, content

    def _service(self, environ: WSGIEnvironment) -> str:
        backend = self._backend(environ)
        return str(boto3_service_name.get(backend, backend)) if backend else scope(environ)[0]

    def _backend(self, environ: WSGIEnvironment) -> str | None:
        """Return moto's name of the service that a request is for; None if moto has none for it."""
        if not scope(environ)[0]:
            return "s3"
        host = self._moto.infer_service_region_host(environ, environ["PATH_INFO"])
        return str(self._moto.get_backend_for_host(host) or "") or None


def _is_readable(environ: WSGIEnvironment, body: bytes) -> bool:
    """Tell whether the body of a request of the JSON protocols is a JSON object."""
    plain = "json" in environ.get("CONTENT_TYPE", "") and not environ.get("HTTP_CONTENT_ENCODING")
    if not environ.get("HTTP_X_AMZ_TARGET") or not plain:
        return True
    try:
        return isinstance(json.loads(body or b"{}"), dict)
    except ValueError:
        return False


def _asked(body: bytes) -> dict[str, Any]:
    asked: dict[str, Any] = json.loads(body or b"{}")
    return asked


def scope(environ: WSGIEnvironment) -> tuple[str, str]:
    """Return the service and region that a request is signed for; empty and us-east-1 if it isn't signed."""
    match = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", "") or environ.get("QUERY_STRING", ""))
    return (match["service"], match["region"]) if match else ("", "us-east-1")


def is_read(environ: WSGIEnvironment, body: bytes) -> bool:
    """Tell whether a request can't change anything."""
    if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
        return True
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    action = target.rpartition(".")[2] or _form_action(environ, body)
    return bool(_READS.match(action))


def operation_name(environ: WSGIEnvironment, body: bytes, service: str) -> str:
    """Return the name of a request's operation, or its method and path where no model knows it."""
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    named = target.rpartition(".")[2] or _form_action(environ, body)
    if named:
        return named
    try:
        return str(get_service_router(service).match(Request(environ))[0].name)
    except (BotoCoreError, HTTPException, NotImplementedError, KeyError, ValueError):
        return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"


def shape_error(service: str, content_type: str, code: str, message: str) -> tuple[list[tuple[str, str]], bytes]:
    """Write an error as a service's protocol does.

    Args:
        service: botocore's name of the service.
        content_type: the request's content type, which decides where a service speaks several protocols.
        code: the error's code.
        message: one line.

    Returns:
        headers and body.
    """
    try:
        model = get_service_model(service)
        protocol = determine_request_protocol(model, content_type)
        serializer = get_serializer_class(model.service_name, protocol)(operation_model=OperationModel({}, model))
        answer = serializer.serialize(_exception(service)(code, message))
    except (BotoCoreError, NotImplementedError, KeyError):
        content = json.dumps({"__type": code, "message": message}).encode()
        return [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-errortype", code)], content
    text = answer["body"]
    headers = [(str(name), str(value)) for name, value in answer["headers"].items()]
    return headers, text.encode() if isinstance(text, str) else text


def _exception(service: str) -> type[ServiceException]:
    """Return an exception that moto takes for one of that service: it reads the module's name."""
    backend = next((ours for ours, theirs in boto3_service_name.items() if theirs == service), service)
    return type("Refused", (ServiceException,), {"__module__": f"moto.{backend}.exceptions"})


def _form_action(environ: WSGIEnvironment, body: bytes) -> str:
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    text: str = body.decode(errors="replace") if form else environ.get("QUERY_STRING", "")
    return parse_qs(text).get("Action", [""])[0]

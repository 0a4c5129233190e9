"""A threaded WSGI server that keeps connections open, which werkzeug's own never does."""

import contextlib
import io
import logging
import socket
from collections.abc import Generator, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

HOST = "127.0.0.1"
_log = logging.getLogger(__name__)
_BODILESS = frozenset({204, 304})


class Handler(MotoRequestHandler):
    """Serves one connection: reads each body whole, answers in one write, then waits for the next request."""

    protocol_version = "HTTP/1.1"
    timeout = 120
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request; the body is read first so that the next request line follows."""
        environ = self.make_environ()
        body = environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else self._read_body(environ)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("wsgi.input_terminated", None)
        environ.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
        status, headers, chunks = begin(self.server.app, environ)
        try:
            if isinstance(chunks, Generator):
                self._stream(status, headers, chunks)
            else:
                self._send(status, headers, whole(chunks))
        except OSError:
            self.close_connection = True

    def _read_body(self, environ: WSGIEnvironment) -> bytes:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        return bytes(self.rfile.read(length)) if length else b""

    def _send(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        bodiless = self.command == "HEAD" or int(code) in _BODILESS
        names = {name.lower() for name, _ in headers}
        self.send_response(int(code), reason)
        for name, value in headers:
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD" or "content-length" not in names:
            self.send_header("Content-Length", "0" if bodiless else str(len(content)))
        self._headers_buffer.append(b"\r\n" if bodiless else b"\r\n" + content)
        self.flush_headers()

    def _stream(self, status: str, headers: list[tuple[str, str]], chunks: Generator[bytes, None, None]) -> None:
        """Send a body part by part; who makes it is told when nobody listens any more."""
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in [*headers, ("Transfer-Encoding", "chunked")]:
            self.send_header(name, value)
        self.end_headers()
        with contextlib.closing(chunks):
            for chunk in chunks:
                if chunk:
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log only what went wrong on our side."""
        if str(code).startswith("5"):
            _log.warning("%s %s", code, self.requestline)

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002  # the name http.server calls it by
        """Log nothing for a connection that fell silent."""
        _log.debug(format, *args)


def begin(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
    """Call a WSGI application and return its status line, its headers and what makes its body."""
    answer: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        answer.update(status=status, headers=headers)
        return body.append

    body: list[bytes] = []
    starter: StartResponse = start_response
    chunks = app(environ, starter)
    return answer["status"], answer["headers"], [*body, *chunks] if body else chunks


def whole(chunks: Iterable[bytes]) -> bytes:
    """Return a body that comes in chunks."""
    try:
        return b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()


def call(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
    """Call a WSGI application and return its status line, headers and whole body."""
    status, headers, chunks = begin(app, environ)
    return status, headers, whole(chunks)


def bind(port: int) -> BaseWSGIServer:
    """Return a server that listens on 127.0.0.1; it serves once it has an `app` and its `serve_forever` is called.

    Args:
        port: the port; 0 takes a free one.

    Raises:
        OSError: the port is in use.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(128)
    return make_server(
        HOST, listener.getsockname()[1], _starting, threaded=True, request_handler=Handler, fd=listener.detach()
    )


def _starting(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer while there is no application yet."""
    start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
    return [b"starting"]

"""Serves one model as a framework container does: `python -m modelyard.localcloud.runtime.model_server`.

`GET /ping` answers once the model is loaded; `POST /invocations` runs the handlers of `code/inference.py`. The model is
loaded once and shared by `SAGEMAKER_MODEL_SERVER_WORKERS` processes, one by default.
Sources: sagemaker-inference-toolkit (`transformer.py`, `decoder.py`, `encoder.py`) and the scikit-learn container.
"""

import argparse
import asyncio
import logging
import os
import socket
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime.handlers import Content, Handlers, Unsupported, load

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_log = logging.getLogger(__name__)

# A handler that has been this fast for a while runs where the request arrived: a thread would cost more than it takes.
QUICK_SECONDS = 0.005
QUICK_CALLS = 20
# The cloud keeps connections; one that closes while it is used would look like a crash.
KEPT_SECONDS = 3600


class ModelApp:
    """The ASGI application of one loaded model.

    Args:
        handlers: its code.
        model: what `model_fn` returned.
    """

    def __init__(self, handlers: Handlers, model: Any) -> None:
        self._transform = handlers.transform
        self._model = model
        self._accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json")
        self._quick_calls = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path, method = scope["path"], scope["method"]
        if path == "/invocations" and method == "POST":
            status, kind, content = await self._invoke(scope, receive)
            if isinstance(content, bytes):
                await _answer(send, status, kind, content)
            else:
                await _stream(send, status, kind, content)
        elif path == "/ping" and method == "GET":
            await _answer(send, 200, "application/json", b"{}")
        else:
            await _answer(send, 404, "text/plain", b"no such path")

    async def _invoke(self, scope: Message, receive: Receive) -> tuple[int, str, Content]:
        content_type, accept = "application/json", ""
        for name, value in scope["headers"]:
            if name == b"content-type":
                content_type = value.decode("latin-1") or content_type
            elif name == b"accept":
                accept = value.decode("latin-1").split(";")[0].strip()
        message = await receive()
        body = message.get("body", b"")
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        if accept in ("", "*/*"):
            accept = self._accept
        if self._quick_calls >= QUICK_CALLS:
            return self._run(body, content_type, accept)
        return await asyncio.to_thread(self._run, body, content_type, accept)

    def _run(self, body: bytes, content_type: str, accept: str) -> tuple[int, str, Content]:
        started = time.perf_counter()
        try:
            answer, kind = self._transform(self._model, body, content_type, accept)
        except Unsupported as error:
            return error.status, "text/plain", str(error).encode()
        except Exception as error:  # noqa: BLE001  # the user's code raises anything at all
            # It is the model's error: its traceback belongs in the endpoint's log.
            traceback.print_exc()
            return 500, "text/plain", f"{type(error).__name__}: {error}".encode()
        finally:
            quick = time.perf_counter() - started < QUICK_SECONDS
            self._quick_calls = self._quick_calls + 1 if quick else 0
        return 200, kind, answer


def main(arguments: list[str] | None = None) -> int:
    """Load the model and serve it until SIGTERM.

    Returns:
        the exit code.
    """
    parser = argparse.ArgumentParser(prog="model_server")
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    handlers = load(options.model_dir, os.environ.get("SAGEMAKER_PROGRAM") or "inference.py")
    model = handlers.model_fn(str(options.model_dir))
    # Only a server needs it, and this module is also read by tests.
    import uvicorn

    # Named by its number, or asyncio leaves Nagle on, which costs each answer 40 ms.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    listener.listen(512)
    _log.info("serving %s on port %s", options.model_dir, options.port)
    app: Any = ModelApp(handlers, model)
    for _ in range(_workers() - 1):
        if os.fork() == 0:
            break  # the leash ends the whole group with its first process
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", timeout_keep_alive=KEPT_SECONDS)
    )
    server.run(sockets=[listener])
    return 0


def _workers() -> int:
    given = os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS", "1")
    return min(max(int(given), 1), os.cpu_count() or 1) if given.isdigit() else 1


async def _answer(send: Send, status: int, content_type: str, body: bytes) -> None:
    headers = [(b"content-type", content_type.encode("latin-1")), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _stream(send: Send, status: int, content_type: str, parts: Iterator[bytes]) -> None:
    """Send a body in parts, each as soon as the model's code gives it; an error breaks it off."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", content_type.encode("latin-1"))],
        }
    )
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    sys.exit(main())

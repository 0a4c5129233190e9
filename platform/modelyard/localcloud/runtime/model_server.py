"""Serves one model as a framework container does: `python -m modelyard.localcloud.runtime.model_server`.

`GET /ping` answers once the model is loaded; `POST /invocations` runs the handlers of `code/inference.py`.
Sources: sagemaker-inference-toolkit (`transformer.py`, `decoder.py`, `encoder.py`) and the scikit-learn container.
"""

import argparse
import asyncio
import logging
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime.handlers import Handlers, Unsupported, load

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_log = logging.getLogger(__name__)


class ModelApp:
    """The ASGI application of one loaded model.

    Args:
        handlers: its code.
        model: what `model_fn` returned.
    """

    def __init__(self, handlers: Handlers, model: Any) -> None:
        self._handlers = handlers
        self._model = model

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        route = (scope["method"], scope["path"])
        if route == ("GET", "/ping"):
            await _answer(send, 200, "application/json", b"{}")
        elif route == ("POST", "/invocations"):
            await _answer(send, *await self._invoke(scope, receive))
        else:
            await _answer(send, 404, "text/plain", b"no such path")

    async def _invoke(self, scope: Message, receive: Receive) -> tuple[int, str, bytes]:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        content_type = headers.get("content-type") or "application/json"
        accept = headers.get("accept", "").split(";")[0].strip()
        if accept in ("", "*/*"):
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json")
        try:
            answer, kind = await asyncio.to_thread(
                self._handlers.transform, self._model, bytes(body), content_type, accept
            )
        except Unsupported as error:
            return error.status, "text/plain", str(error).encode()
        except Exception as error:  # noqa: BLE001  # the user's code raises anything at all
            # It is the model's error: its traceback belongs in the endpoint's log.
            traceback.print_exc()
            return 500, "text/plain", f"{type(error).__name__}: {error}".encode()
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

    _log.info("serving %s on port %s", options.model_dir, options.port)
    app: Any = ModelApp(handlers, model)
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning", access_log=False, lifespan="off")
    return 0


async def _answer(send: Send, status: int, content_type: str, body: bytes) -> None:
    headers = [(b"content-type", content_type.encode("latin-1")), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    sys.exit(main())

"""InvokeEndpointWithResponseStream: what a model answers part by part reaches the caller part by part.

Source: the Smithy specification, "Amazon Event Stream": each message is its length, that of its headers, a checksum of
both, the headers, the payload and a checksum of all before it; botocore's model of ResponseStream.
"""

import json
import struct
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from typing import Any
from zlib import crc32

import urllib3

from modelyard.localcloud.guard import Answer, Streamed
from modelyard.localcloud.runtime.fleet import Fleet
from modelyard.localcloud.runtime.invocations import Asked, Invocations, Told, admit, asked_by, named, nobody, refused
from modelyard.localcloud.runtime.variant import LeftError

# SageMaker's bound for a whole stream; its first part has to come as soon as any other answer.
STREAM_SECONDS = 480.0
_TEXT = 7


class Streams:
    """Serves InvokeEndpointWithResponseStream.

    Args:
        invocations: knows who serves, counts and captures.
    """

    def __init__(self, invocations: Invocations) -> None:
        self._invocations = invocations

    def invoke(self, region: str, name: str, environ: Mapping[str, Any]) -> Answer | Streamed:
        """Begin to answer one invocation."""
        fleet = self._invocations.fleet(region, name)
        asked = asked_by(environ)
        return self._begin(region, name, fleet, asked) if isinstance(fleet, Fleet) else refused(region, name, fleet)

    def _begin(self, region: str, name: str, fleet: Fleet, asked: Asked) -> Answer | Streamed:
        variant = admit(name, fleet, asked)
        if isinstance(variant, Told):
            return refused(region, name, variant)
        stack = ExitStack()
        try:
            told, seconds = self._invocations.reply(stack, region, name, variant, asked, stream=True)
        except LeftError:
            stack.close()
            following = self._invocations.following(region, name, fleet)
            return self._begin(region, name, following, asked) if following else refused(region, name, nobody(name))
        if told.status < 400:
            headers = [("Content-Type", "application/vnd.amazon.eventstream")]
            headers += [("X-Amzn-SageMaker-Content-Type", told.content_type), *named(told)]
            parts = self._stream(stack, region, name, fleet, asked, told)
            next(parts)  # begun, so that it ends as it should even if the caller has hung up by now
            return "200 OK", headers, parts
        with stack:
            if not told.code:
                told = _whole(told)
                self._invocations.meter.count(region, name, variant.name, told.status, seconds)
            return refused(region, name, told)

    def _stream(
        self, stack: ExitStack, region: str, name: str, fleet: Fleet, asked: Asked, told: Told
    ) -> Generator[bytes, None, None]:
        """Yield the messages; the server counts as at work until the last, or until the caller hangs up."""
        started, sent, status = time.monotonic(), [], told.status
        with stack:
            yield b""
            try:
                for part in told.parts:
                    sent.append(part)
                    yield message(
                        {":message-type": "event", ":event-type": "PayloadPart", ":content-type": _BYTES}, part
                    )
                    if time.monotonic() - started > STREAM_SECONDS:
                        raise urllib3.exceptions.TimeoutError  # as if the model had fallen silent
            except urllib3.exceptions.TimeoutError:
                status = 500
                yield _error("ModelInvocationTimeExceeded", "The model did not end its response in time.")
            except urllib3.exceptions.HTTPError as error:
                status = 500
                yield _error("StreamBroken", f"The model's response has broken off: {error}")
        self._invocations.meter.count(region, name, told.variant, status, time.monotonic() - started)
        whole = Told(status, told.headers, b"".join(sent), told.variant)
        self._invocations.note(region, name, fleet, asked, whole)


_BYTES = "application/octet-stream"


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Return one message of an event stream.

    Args:
        headers: its headers, all of them text.
        payload: its bytes.
    """
    head = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", _TEXT, len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(head) + len(payload), len(head))
    content = prelude + struct.pack("!I", crc32(prelude)) + head + payload
    return content + struct.pack("!I", crc32(content))


def _error(code: str, text: str) -> bytes:
    headers = {":message-type": "exception", ":exception-type": "ModelStreamError", ":content-type": "application/json"}
    return message(headers, json.dumps({"Message": text, "ErrorCode": code}).encode())


def _whole(told: Told) -> Told:
    """Return an error with its body, which was to be read part by part."""
    try:
        body = b"".join(told.parts)
    except urllib3.exceptions.HTTPError as error:
        body = str(error).encode()
    return Told(told.status, told.headers, body or told.body, told.variant, container=told.container)

"""Data capture: what an endpoint was asked and answered, sampled, as JSON lines in S3.

Source: the SageMaker developer guide, "Capture data from real-time endpoint": objects below
`{prefix}/{endpoint}/{variant}/yyyy/mm/dd/hh/`, content types that are not listed as CSV or JSON in Base64.
"""

import base64
import json
import logging
import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.objects import split_uri

FLUSH_SECONDS = 1.0
_MOST_LINES = 2_000
_log = logging.getLogger(__name__)

Document = dict[str, Any]


@dataclass(frozen=True)
class Body:
    """One side of an invocation.

    Args:
        content: the bytes.
        content_type: what they are.
    """

    content: bytes
    content_type: str


@dataclass(frozen=True)
class Invocation:
    """What is captured of one invocation.

    Args:
        region: the endpoint's.
        endpoint: its name.
        variant: who answered.
        config: the DataCaptureConfig.
        given: the request.
        answer: the response.
        inference_id: what the caller calls it; empty if nothing.
    """

    region: str
    endpoint: str
    variant: str
    config: Document
    given: Body
    answer: Body
    inference_id: str


class Capture:
    """Keeps lines for a moment and writes them in batches.

    Args:
        host: the local cloud.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lines: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._owed: dict[tuple[str, str, str], float] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def record(self, invocation: Invocation) -> None:
        """Capture an invocation, if its endpoint captures and it falls into the sample.

        Exactly the percentage is sampled, evenly spread.
        """
        config = invocation.config
        if not config.get("EnableCapture", True) or not config:
            return
        key = (invocation.region, invocation.endpoint, invocation.variant)
        with self._lock:
            self._owed[key] = self._owed.get(key, 0.0) + float(config["InitialSamplingPercentage"]) / 100.0
            if self._owed[key] < 1.0 - 1e-9:
                return
            self._owed[key] -= 1.0
            moment = self._host.clock.now()
            prefix = config["DestinationS3Uri"].rstrip("/")
            place = f"{prefix}/{invocation.endpoint}/{invocation.variant}/{moment:%Y/%m/%d/%H}"
            lines = self._lines[invocation.region, place]
            lines.append(json.dumps(line(invocation, moment)))
            full = len(lines) >= _MOST_LINES
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
                self._thread.start()
        if full:
            self.flush()

    def flush(self) -> None:
        """Write what is still held."""
        with self._writing:
            with self._lock:
                pending, self._lines = self._lines, defaultdict(list)
            for (region, place), lines in pending.items():
                self._write(region, place, lines)

    def close(self) -> None:
        """Write what is left, and end."""
        self._closing.set()
        if self._thread:
            self._thread.join(timeout=10)
        self.flush()

    def _write(self, region: str, place: str, lines: list[str]) -> None:
        moment = self._host.clock.now()
        bucket, prefix = split_uri(place)
        name = f"{moment:%M-%S}-{moment.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
        content = ("\n".join(lines) + "\n").encode()
        try:
            self._host.client("s3", region).put_object(
                Bucket=bucket, Key=f"{prefix}/{name}", Body=content, ContentType="application/jsonlines"
            )
        except (BotoCoreError, ClientError) as error:
            _log.warning("%d captured lines of %s are lost: %s", len(lines), place, error)

    def _run(self) -> None:
        while not self._closing.wait(FLUSH_SECONDS):
            self.flush()


def line(invocation: Invocation, moment: datetime) -> Document:
    """Return what is written of an invocation."""
    modes = {option["CaptureMode"] for option in invocation.config.get("CaptureOptions") or []}
    both = "InputAndOutput" in modes
    header = invocation.config.get("CaptureContentTypeHeader") or {}
    captured = {}
    if both or "Input" in modes:
        captured["endpointInput"] = _side(invocation.given, "INPUT", header)
    if both or "Output" in modes:
        captured["endpointOutput"] = _side(invocation.answer, "OUTPUT", header)
    metadata = {"eventId": str(uuid.uuid4())}
    if invocation.inference_id:
        metadata["inferenceId"] = invocation.inference_id
    metadata["inferenceTime"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"}


def _side(body: Body, mode: str, header: Document) -> Document:
    encoding = _encoding(body.content_type, header)
    data = base64.b64encode(body.content).decode()
    if encoding != "BASE64":
        try:
            data = body.content.decode()
        except UnicodeDecodeError:
            encoding = "BASE64"
    return {"observedContentType": body.content_type, "mode": mode, "data": data, "encoding": encoding}


def _encoding(content_type: str, header: Document) -> str:
    plain = content_type.split(";")[0].strip().lower()
    for field, encoding in (("CsvContentTypes", "CSV"), ("JsonContentTypes", "JSON")):
        if plain in [known.lower() for known in header.get(field) or []]:
            return encoding
    return "BASE64"

"""A training job's checkpoints: fetched before it starts, sent to S3 while it runs and when it ends."""

import logging
import shutil
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.localcloud.runtime import objects
from modelyard.localcloud.runtime.container import Container

SYNC_SECONDS = 2.0
_PATIENCE_ROUNDS = 1
DEFAULT_PATH = "/opt/ml/checkpoints"
_log = logging.getLogger(__name__)


class Checkpoints:
    """The checkpoints of one run of one job.

    Args:
        s3: a client of S3.
        config: CheckpointConfig; none means that there are none.
        containers: of the job's hosts, which share them as they would on SageMaker.
    """

    def __init__(self, s3: Any, config: dict[str, Any] | None, containers: list[Container]) -> None:
        self._s3 = s3
        self._uri = (config or {}).get("S3Uri", "").rstrip("/")
        path = (config or {}).get("LocalPath") or DEFAULT_PATH
        self._folders = [container.folder(path) for container in containers]
        self._sent: dict[Path, tuple[int, int]] = {}
        self._restless: Counter[Path] = Counter()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def __enter__(self) -> "Checkpoints":
        """Fetch what there is, and send what changes from now on."""
        if self._uri:
            for folder in self._folders:
                for bucket, key, name in objects.listed(self._s3, f"{self._uri}/"):
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    self._s3.download_file(bucket, key, str(folder / name))
                self._sent |= self._found(folder)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Send what is left."""
        if self._uri:
            self._stopping.set()
            self._thread.join(timeout=60)
            self._send(settled=False)

    def _run(self) -> None:
        while not self._stopping.wait(SYNC_SECONDS):
            try:
                self._send(settled=True)
            except (OSError, ClientError, BotoCoreError) as error:
                _log.warning("checkpoints are not sent: %s", error)

    def _send(self, *, settled: bool) -> None:
        """Send the files that changed.

        Args:
            settled: leave out those that changed a moment ago and may still be written.
        """
        for folder in self._folders:
            before = self._found(folder)
            if settled:
                self._stopping.wait(0.2)
                before = {path: mark for path, mark in self._found(folder).items() if before.get(path) == mark}
                self._send_restless(folder, before)
            for path, mark in before.items():
                if self._sent.get(path) != mark:
                    objects.upload_file(self._s3, path, self._address(folder, path))
                    self._sent[path] = mark

    def _send_restless(self, folder: Path, settled: dict[Path, tuple[int, int]]) -> None:
        """Send those files too that are written on and on, as they are while a copy of them takes no change."""
        for path in self._found(folder):
            self._restless[path] = 0 if path in settled else self._restless[path] + 1
            if self._restless[path] > _PATIENCE_ROUNDS:
                with tempfile.TemporaryDirectory() as aside:
                    before, copy = self._found(folder).get(path), Path(aside, "copy")
                    shutil.copyfile(path, copy)
                    if before and self._found(folder).get(path) == before and copy.stat().st_size == before[1]:
                        objects.upload_file(self._s3, copy, self._address(folder, path))
                        self._sent[path] = before

    def _address(self, folder: Path, path: Path) -> str:
        return f"{self._uri}/{path.relative_to(folder).as_posix()}"

    @staticmethod
    def _found(folder: Path) -> dict[Path, tuple[int, int]]:
        marks = {}
        for path in folder.rglob("*"):
            try:
                if path.is_file() and not path.is_symlink():
                    marks[path] = (path.stat().st_mtime_ns, path.stat().st_size)
            except FileNotFoundError:  # renamed meanwhile
                continue
        return marks

"""Many people and machines at work on branches' stacks at once, on a bad day."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from typist import Typist

from modelyard.localcloud import daemon
from modelyard.localcloud.inventory import inventory
from modelyard.localcloud.provider import registry
from modelyard.localcloud.provider.session import Session
from modelyard.previews.branches import stack_name

FAULTY = Path(__file__).with_name("faulty.py")
AT_ONCE = 8
KILLED = 10  # every tenth command is
_TRIES = 30


class Crowd:
    """Types commands that may fail and be killed, again and again until they are done.

    Args:
        typist: the home and the model's repository.
        probability: of each of the provider's calls to fail.
    """

    def __init__(self, typist: Typist, probability: float) -> None:
        self.typist, self.probability = typist, probability
        self.commands = self.killed = self.failed = 0
        self._lock = threading.Lock()
        self._dice = random.Random(7)

    def insist(self, *words: str) -> list[str]:
        """Type a command until it succeeds; returns what it said in the end."""
        for _ in range(_TRIES):
            code, said = self._once(words)
            if code == 0:
                return said.splitlines()
        raise AssertionError(f"{words} never succeeded: {said}")

    def all(self, work: Callable[[str], object], items: Iterable[str]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(work, items))

    def _once(self, words: tuple[str, ...]) -> tuple[int, str]:
        with self._lock:
            self.commands += 1
            number = self.commands
            deadline = self._dice.uniform(0.5, 4.0) if number % KILLED == 0 else 600.0
        command = [sys.executable, str(FAULTY), f"seed {number}", str(self.probability), *words]
        process = subprocess.Popen(
            command,
            cwd=self.typist.folder,
            env={**self.typist.environment(), "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=deadline)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            with self._lock:
                self.killed += 1
        with self._lock:
            self.failed += process.returncode != 0
        assert "Traceback" not in said, said
        return process.returncode, said


def put_to_use(typist: Typist, client: Callable[[str], Any], branch: str, bucket: str) -> None:
    """Leave what work on a branch leaves: objects in versions, an unfinished upload, a model, a running pipeline."""
    stack = stack_name(branch)
    s3, prefix = client("s3"), f"previews/churn/{stack}"
    for body in (b"1", b"2"):
        s3.put_object(Bucket=bucket, Key=f"{prefix}/data/it", Body=body)
    s3.delete_object(Bucket=bucket, Key=f"{prefix}/data/it")
    s3.create_multipart_upload(Bucket=bucket, Key=f"{prefix}/data/big")
    sagemaker = client("sagemaker")
    container = {"Image": "1.dkr.ecr.us-east-1.amazonaws.com/x:1", "ModelDataUrl": f"s3://{bucket}/{prefix}/m.tar.gz"}
    inference = {"Containers": [container], "SupportedContentTypes": ["a/b"], "SupportedResponseMIMETypes": ["a/b"]}
    sagemaker.create_model_package(ModelPackageGroupName=f"churn-{stack}-models", InferenceSpecification=inference)


def state_files(home: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Read the states of stacks, each as its bytes."""
    root = home / "state" / ".pulumi" / "stacks"
    return {name: (root / f"{name}.json").read_bytes() for name in names}


def everything(home: Path) -> dict[str, Any]:
    """Describe all that a cloud holds, as its resources' own files read it; what AWS writes by itself is left out."""
    info = daemon.status(home)
    assert info is not None
    session = Session(info.endpoint_url, "us-east-1")
    found = {}
    for item in inventory(info.endpoint_url, "us-east-1"):
        if "access-logs" in item.id:
            continue
        live = registry.resource_type(item.type).read(session, item.id, {})
        found[json.dumps(asdict(item))] = json.loads(json.dumps(live, default=str, sort_keys=True))
    return found


def waited(done: Callable[[], bool], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True

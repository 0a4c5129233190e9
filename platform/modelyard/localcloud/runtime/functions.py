"""Lambda functions in Python, really run: the zip is unpacked, the handler called in a subprocess.

The contract is AWS's developer guide, "Building Lambda functions with Python": the environment variables, the handler's
two arguments, and an error as `{"errorMessage", "errorType", "stackTrace"}`.
"""

import io
import json
import shutil
import sys
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime.host import ACCOUNT, Host
from modelyard.localcloud.runtime.logs import LogStream, now
from modelyard.localcloud.runtime.process import End, Process, clean_environment

_RUNNER = Path(__file__).with_name("function_runner.py")


class Functions:
    """Runs functions.

    Args:
        host: the local cloud.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    def invoke(self, function: Mapping[str, Any], event: Any) -> tuple[str, bool, str]:
        """Call a function and wait for its answer.

        Args:
            function: its name, region, handler, runtime, timeout in seconds, memory in MiB, variables, code, log_group.
            event: what it is called with.

        Returns:
            its answer as JSON, whether that is an error, and what it wrote.
        """
        if not function["runtime"].startswith("python"):
            return _error("Runtime.Unsupported", f"the local cloud runs Python, not {function['runtime']!r}"), True, ""
        root = self._host.folder / "functions"
        root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=root))
        try:
            return self._run(function, event, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, function: Mapping[str, Any], event: Any, folder: Path) -> tuple[str, bool, str]:
        task, request = folder / "task", str(uuid.uuid4())
        with zipfile.ZipFile(io.BytesIO(function["code"])) as archive:
            archive.extractall(task)
        (folder / "event.json").write_text(json.dumps(event), encoding="utf-8")
        lines: list[str] = []
        stream = LogStream(
            self._host.client("logs", function["region"]),
            function["log_group"],
            f"{now():%Y/%m/%d}/[$LATEST]{request.replace('-', '')}",
        )

        def keep(line: str) -> None:
            lines.append(line)
            stream.write(line)

        environment = self._environment(function, folder, request)
        command = [sys.executable, str(_RUNNER), str(folder), function["handler"]]
        keep(f"START RequestId: {request} Version: $LATEST")
        process = Process(command, task, environment, keep)
        outcome = process.run(threading.Event(), float(function["timeout"]))
        keep(f"END RequestId: {request}")
        stream.close()
        answer = folder / "answer.json"
        if outcome.end is End.TIMED_OUT:
            said = f"{request} Task timed out after {function['timeout']:.2f} seconds"
            return _error("Sandbox.Timedout", said), True, "\n".join(lines)
        if not answer.is_file():
            said = f"RequestId: {request} Error: Runtime exited with error: exit status {outcome.exit_code}"
            return _error("Runtime.ExitError", said), True, "\n".join(lines)
        return answer.read_text(encoding="utf-8"), outcome.exit_code != 0, "\n".join(lines)

    def _environment(self, function: Mapping[str, Any], folder: Path, request: str) -> dict[str, str]:
        name, region = function["name"], function["region"]
        return {
            **clean_environment(self._host.clients.endpoint_url, region, folder),
            "LAMBDA_TASK_ROOT": str(folder / "task"),
            "_HANDLER": function["handler"],
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function['runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function["memory"]),
            "AWS_LAMBDA_LOG_GROUP_NAME": function["log_group"],
            "MODELYARD_REQUEST_ID": request,
            "MODELYARD_FUNCTION_ARN": f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}",
            "MODELYARD_TIMEOUT_SECONDS": str(function["timeout"]),
            **function["variables"],
        }


def _error(kind: str, message: str) -> str:
    return json.dumps({"errorType": kind, "errorMessage": message})

"""Runs one call of a Lambda function: `python function_runner.py FOLDER module.function`.

It is a script of its own, in the function's process, and imports nothing of this package.
"""

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class Context:
    """What AWS Lambda hands to a handler beside the event."""

    def __init__(self) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.aws_request_id = os.environ["MODELYARD_REQUEST_ID"]
        self.invoked_function_arn = os.environ["MODELYARD_FUNCTION_ARN"]
        self._end = time.monotonic() + float(os.environ["MODELYARD_TIMEOUT_SECONDS"])

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the call may still take."""
        return max(int((self._end - time.monotonic()) * 1000), 0)


def main(folder: Path, handler: str) -> int:
    """Call the handler and write its answer.

    Args:
        folder: has `task/` and `event.json`, and gets `answer.json`.
        handler: the module and the function.
    """
    sys.path.insert(0, str(folder / "task"))
    event = json.loads((folder / "event.json").read_text(encoding="utf-8"))
    module, _, name = handler.rpartition(".")
    try:
        answer: Any = getattr(importlib.import_module(module.replace("/", ".")), name)(event, Context())
        text, code = json.dumps(answer), 0
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer
        lines = traceback.format_exception(error)
        sys.stderr.write("".join(lines))
        failed = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": lines[1:-1]}
        text, code = json.dumps(failed), 1
    (folder / "answer.json").write_text(text, encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))

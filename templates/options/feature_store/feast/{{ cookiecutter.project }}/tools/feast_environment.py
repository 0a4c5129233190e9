"""Runs a command with what Feast needs to know of the platform: reads what `modelyard outputs --json` printed.

python tools/feast_environment.py OUTPUTS.json COMMAND ...
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def variables(outputs: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that `feature_repo/feature_store.yaml` names.

    Args:
        outputs: what the model's stack exports.
    """
    found = {
        "FEAST_ROOT": f"s3://{outputs['artifact_bucket']}/{outputs['artifact_prefix']}/feast",
        "FEAST_TABLES": outputs["model_package_group"],
        "AWS_DEFAULT_REGION": outputs["region"],
        "FEAST_USAGE": "False",
    }
    # s3fs has a name of its own for where S3 answers.
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    return found | ({"FEAST_S3_ENDPOINT_URL": endpoint} if endpoint else {})


if __name__ == "__main__":
    (stack,) = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")).values()
    command = [os.path.expandvars(word) for word in sys.argv[2:]]
    os.environ.update(variables(stack))
    words = [os.path.expandvars(word) for word in command]
    os.execvp(words[0], words)  # noqa: S606 - the command is the caller's own

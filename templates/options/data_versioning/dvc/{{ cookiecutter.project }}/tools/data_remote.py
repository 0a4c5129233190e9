"""Points DVC at the platform's bucket: reads what `modelyard outputs --json` prints, and writes `.dvc/config.local`."""

import configparser
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).resolve().parents[1] / ".dvc" / "config.local"
_SECTION = "'remote \"platform\"'"


def remote(outputs: Mapping[str, Any], endpoint_url: str = "") -> dict[str, str]:
    """Return the remote's settings.

    Args:
        outputs: what the model's stack exports.
        endpoint_url: where S3 answers, if not at AWS.
    """
    found = {"url": f"s3://{outputs['artifact_bucket']}/{outputs['artifact_prefix']}/dvc", "region": outputs["region"]}
    return found | ({"endpointurl": endpoint_url} if endpoint_url else {})


def write(path: Path, settings: Mapping[str, str]) -> None:
    """Write the settings where git doesn't see them; what else is there stays."""
    config = configparser.ConfigParser()
    config.read(path, encoding="utf-8")
    config[_SECTION] = dict(settings)
    with path.open("w", encoding="utf-8") as file:
        config.write(file)


if __name__ == "__main__":
    (stack,) = json.load(sys.stdin).values()
    write(CONFIG, remote(stack, os.environ.get("AWS_ENDPOINT_URL", "")))

"""Which Python runs a job: by its image, from the cloud's own environment or from one that the user named.

AWS's framework images are named by their repository; what each has installed must be installed here too. Other
environments are named in `images.json` beside the cloud's state: `{"xgboost": "/home/me/xgboost/bin/python"}`.
"""

import functools
import importlib
import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TABLE = "images.json"
_ASK_TIMEOUT_SECONDS = 60


class ImageError(Exception):
    """An image's code can't be run here; the message says what to install."""


@dataclass(frozen=True)
class Framework:
    """What one of AWS's framework images has.

    Args:
        name: what the user's table calls it.
        repositories: the beginnings of its repositories' names.
        module: what must be importable.
        package: what to install for it.
    """

    name: str
    repositories: tuple[str, ...]
    module: str
    package: str


FRAMEWORKS = (
    Framework("scikit-learn", ("sagemaker-scikit-learn",), "sklearn", "scikit-learn"),
    Framework("xgboost", ("sagemaker-xgboost",), "xgboost", "xgboost"),
    Framework("pytorch", ("pytorch-", "sagemaker-pytorch", "huggingface-pytorch-"), "torch", "torch"),
    Framework(
        "tensorflow", ("tensorflow-", "sagemaker-tensorflow", "huggingface-tensorflow-"), "tensorflow", "tensorflow"
    ),
)


def framework(image: str) -> Framework | None:
    """Return the framework of an image; None for one that isn't AWS's."""
    repository = image.rsplit("/", 1)[-1].split(":", 1)[0]
    return next((it for it in FRAMEWORKS if repository.startswith(it.repositories)), None)


def interpreter(image: str, folder: Path) -> Path:
    """Return the Python that runs an image's code.

    Args:
        image: the image's address.
        folder: the cloud's, which may hold the user's table.

    Raises:
        ImageError: that Python lacks the image's framework, or the table is broken.
    """
    found = framework(image)
    python = _table(folder).get(found.name if found else "", sys.executable)
    if found and not _has(python, found.module):
        raise ImageError(
            f"the image {image.rsplit('/', 1)[-1]} has {found.package}, which {python} has not; "
            f"install it: {python} -m pip install {found.package}, or name another Python in {folder / TABLE}"
        )
    return Path(python)


def _table(folder: Path) -> dict[str, str]:
    path = folder / TABLE
    if not path.is_file():
        return {}
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ImageError(f"{path} is no JSON: {error}") from error
    known = {it.name for it in FRAMEWORKS}
    if not isinstance(table, dict) or not table.keys() <= known:
        raise ImageError(f"{path} must map some of {', '.join(sorted(known))} to a Python each")
    return {name: str(Path(python).expanduser()) for name, python in table.items()}


def _has(python: str, module: str) -> bool:
    if python == sys.executable:
        importlib.invalidate_caches()
        return importlib.util.find_spec(module) is not None
    return _other_has(python, module)


@functools.lru_cache(maxsize=64)
def _other_has(python: str, module: str) -> bool:
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    try:
        asked = subprocess.run([python, "-c", code], timeout=_ASK_TIMEOUT_SECONDS, capture_output=True, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ImageError(f"{python} can't be run: {error}") from error
    return asked.returncode == 0

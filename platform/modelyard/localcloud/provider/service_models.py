"""botocore's descriptions of services in plain dicts, which keep their order too and take a quarter less memory."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

_OPENED: dict[str, Callable[..., Any]] = {".json": open, ".json.gz": gzip.open}


class _PlainFiles(JSONFileLoader):
    """Reads files without `OrderedDict`."""

    def load_file(self, file_path: str) -> Any:
        """Read a file, whose path comes without its ending; nothing if there is none."""
        for ending, opened in _OPENED.items():
            path = Path(file_path + ending)
            if path.is_file():
                with opened(path, "rb") as file:
                    return json.loads(file.read())
        return None


def loader() -> Loader:
    """Return what a session loads its services' descriptions with."""
    made = Loader(include_default_search_paths=True)
    made.file_loader = _PlainFiles()
    return made

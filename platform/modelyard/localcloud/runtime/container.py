"""A folder in place of a container: `/opt/ml` lives below it, and paths that name it are rewritten."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# What holds programs and their settings as text; their data are left as they are.
_CODE_SUFFIXES = frozenset({".py", ".sh", ".json"})
_OPT_ML = re.compile(r"(?<![\w./-])/opt/ml(?![\w-])")


class Container:
    """The file system of one job or model.

    Args:
        root: what stands for `/`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ml = root / "opt" / "ml"
        self.ml.mkdir(parents=True, exist_ok=True)

    def path(self, inside: str) -> Path:
        """Return where a path inside the container really is.

        Args:
            inside: an absolute path below `/opt/ml`.

        Raises:
            ValueError: it is elsewhere.
        """
        if not re.match(r"^/opt/ml(/|$)", inside):
            raise ValueError(f"{inside} is not below /opt/ml, the only folder that the local cloud gives a container")
        # normpath, not resolve: `..` must be gone before the check, links needn't exist yet.
        real = Path(os.path.normpath(self.root / inside.lstrip("/")))
        if not real.is_relative_to(self.ml):
            raise ValueError(f"{inside} leaves /opt/ml")
        return real

    def folder(self, inside: str) -> Path:
        """Return where a folder inside the container really is, and make it."""
        real = self.path(inside)
        real.mkdir(parents=True, exist_ok=True)
        return real

    def rewrite(self, text: str) -> str:
        """Replace every `/opt/ml` in a text by where it really is."""
        return _OPT_ML.sub(lambda _: str(self.ml), text)

    def rewrite_all(self, values: Mapping[str, str]) -> dict[str, str]:
        """Rewrite the values of a mapping."""
        return {name: self.rewrite(value) for name, value in values.items()}

    def rewrite_code(self, inside: str) -> None:
        """Rewrite the programs in a folder, for a machine that can't show them an `/opt/ml`."""
        for path in sorted(self.path(inside).rglob("*")):
            if path.suffix in _CODE_SUFFIXES and path.is_file() and not path.is_symlink():
                content = path.read_bytes()
                if b"/opt/ml" in content:
                    path.write_text(self.rewrite(content.decode("utf-8", "surrogateescape")), errors="surrogateescape")

    def write_json(self, inside: str, value: Any) -> None:
        """Write a configuration file."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, default=str))

"""`Pulumi.<stack>.yaml`: a stack's configuration as Pulumi reads it, kept in step without touching what users wrote.

Keys of the namespace `modelyard`, and `aws:region`, are ours; all other keys, and every comment, are the user's.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from modelyard.engine.base import Deployment
from modelyard.errors import SettingsError

_OURS = "modelyard:"


def path(deployment: Deployment) -> Path:
    """Return where a stack's file is, beside its Pulumi.yaml."""
    return deployment.program / f"Pulumi.{deployment.stack}.yaml"


def read(deployment: Deployment) -> str:
    """Return a stack's file; a missing one is empty."""
    file = path(deployment)
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def keep(deployment: Deployment) -> bool:
    """Bring a stack's file in step with its configuration; returns whether anything had to be written.

    Raises:
        SettingsError: the file is not valid.
    """
    before = read(deployment)
    after = merged(before, deployment.config)
    if after == before:
        return False
    file = path(deployment)
    temporary = file.with_name(f".{file.name}.tmp")
    temporary.write_text(after, encoding="utf-8")
    temporary.replace(file)
    return True


def merged(text: str, config: Mapping[str, str]) -> str:
    """Return a stack's file with the given configuration in it, and without keys of ours that are no longer wanted.

    Args:
        text: the file as it is.
        config: values by `namespace:key`.

    Raises:
        SettingsError: it is no mapping with a mapping `config` in it.
    """
    kept = set()
    for key, value in reversed(_entries(text)):
        wanted = config.get(key.value)
        simple = isinstance(value, yaml.ScalarNode) and value.style not in ("|", ">")
        if wanted is not None and simple:
            kept.add(key.value)
            text = text if value.value == wanted else _replaced(text, value, wanted)
        elif wanted is not None or key.value.startswith(_OURS):
            text = _without(text, key, value)
    return _added(text, {key: value for key, value in config.items() if key not in kept})


def set_top(text: str, values: Mapping[str, str]) -> str:
    """Return a stack's file with top-level keys such as `encryptionsalt` set."""
    document = _root(text)
    present = {} if document is None else {key.value: value for key, value in document.value}
    for name, value in values.items():
        if name not in present:
            text = f"{name}: {_scalar(value)}\n{text}"
        elif present[name].value != value:
            start, end = present[name].start_mark.index, present[name].end_mark.index
            text = text[:start] + _scalar(value) + text[end:]
            return set_top(text, values)
    return text


def tops(text: str, names: Iterable[str]) -> dict[str, str]:
    """Return the top-level keys that a stack's file has, of those named."""
    document = _root(text)
    present = {} if document is None else {key.value: value.value for key, value in document.value}
    return {name: present[name] for name in names if name in present}


def _root(text: str) -> yaml.MappingNode | None:
    try:
        node = yaml.compose(text)
    except yaml.YAMLError as error:
        raise SettingsError(f"the stack's Pulumi file is no YAML: {error}", hint="mend the file") from error
    if node is not None and not isinstance(node, yaml.MappingNode):
        raise SettingsError("the stack's Pulumi file is no mapping of keys to values", hint="mend the file")
    return node


def _config(text: str) -> tuple[Any, Any]:
    """Return the key and the value of `config`; nothing where it is missing."""
    document = _root(text)
    found = next(((key, value) for key, value in document.value if key.value == "config"), None) if document else None
    if found is None:
        return None, None
    if not isinstance(found[1], yaml.MappingNode) and found[1].value:
        raise SettingsError("'config' in the stack's Pulumi file is no mapping", hint="mend the file")
    return found


def _entries(text: str) -> list[tuple[Any, Any]]:
    value = _config(text)[1]
    return list(value.value) if isinstance(value, yaml.MappingNode) else []


def _replaced(text: str, value: Any, wanted: str) -> str:
    return text[: value.start_mark.index] + _scalar(wanted) + text[value.end_mark.index :]


def _without(text: str, key: Any, value: Any) -> str:
    """Drop an entry's lines; comments after it stay, though a block is said to end only where the next key begins."""
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    lines = text[start : value.end_mark.index].splitlines()
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    end = text.find("\n", start + len("\n".join(lines)))
    return text[:start] + ("" if end < 0 else text[end + 1 :])


def _added(text: str, config: Mapping[str, str]) -> str:
    if not config:
        return text
    lines = [f"{key}: {_scalar(value)}" for key, value in config.items()]
    key, value = _config(text)
    if key is None:
        separator = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{separator}config:\n" + "".join(f"  {line}\n" for line in lines)
    filled = isinstance(value, yaml.MappingNode) and bool(value.value)
    if filled and value.flow_style:
        end = value.end_mark.index - 1
        return text[:end] + ", ".join(["", *lines]) + text[end:]
    start = key.start_mark.index
    end = text.find("\n", start)
    rest = "" if end < 0 else text[end + 1 :]
    head = text[start : end if end >= 0 else len(text)] if filled else "config:"
    indent = " " * (value.start_mark.column if filled else 2)
    return f"{text[:start]}{head}\n" + "".join(f"{indent}{line}\n" for line in lines) + rest


def _scalar(value: str) -> str:
    """Write a text as one YAML scalar on one line."""
    style = '"' if "\n" in value else None
    written = yaml.safe_dump(value, default_style=style, width=10**9, allow_unicode=True)
    return written.removesuffix("...\n").rstrip("\n")

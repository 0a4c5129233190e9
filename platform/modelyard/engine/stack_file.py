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
    entries, block = _entries(text)
    for key, value in reversed(entries):
        if _same(key, value, config):
            continue
        if key.value in config:
            text = _replaced(text, value, _scalar(config[key.value]))
        elif key.value.startswith(_OURS):
            text = _without(text, key, value)
    return _added(
        text, block, {key: value for key, value in config.items() if key not in {it[0].value for it in entries}}
    )


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


def _entries(text: str) -> tuple[list[tuple[Any, Any]], yaml.MappingNode | None]:
    """Return the entries of `config`, and its node; none where it is missing or empty."""
    document = _root(text)
    found = next((value for key, value in document.value if key.value == "config"), None) if document else None
    if found is None or (isinstance(found, yaml.ScalarNode) and not found.value):
        return [], None
    if not isinstance(found, yaml.MappingNode):
        raise SettingsError("'config' in the stack's Pulumi file is no mapping", hint="mend the file")
    return list(found.value), found


def _same(key: Any, value: Any, config: Mapping[str, str]) -> bool:
    return key.value in config and isinstance(value, yaml.ScalarNode) and value.value == config[key.value]


def _replaced(text: str, value: Any, scalar: str) -> str:
    old = text[value.start_mark.index : value.end_mark.index]
    tail = old[len(old.rstrip()) :]  # a block ends where the next key begins
    return text[: value.start_mark.index] + scalar + tail + text[value.end_mark.index :]


def _without(text: str, key: Any, value: Any) -> str:
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    used = text[start : value.end_mark.index].rstrip()
    end = text.find("\n", start + len(used))
    return text[:start] + ("" if end < 0 else text[end + 1 :])


def _added(text: str, block: yaml.MappingNode | None, config: Mapping[str, str]) -> str:
    if not config:
        return text
    lines = [f"{key}: {_scalar(value)}" for key, value in config.items()]
    if block is None:
        kept = "\n".join(
            line for line in text.splitlines() if line.split("#")[0].strip() not in ("config:", "config: {}")
        )
        return (f"{kept}\n" if kept else "") + "config:\n" + "".join(f"  {line}\n" for line in lines)
    if block.flow_style:
        return text[: block.end_mark.index - 1] + ", ".join(["", *lines]) + text[block.end_mark.index - 1 :]
    start = text.find("config:")
    start = text.index("\n", start) + 1
    indent = " " * block.start_mark.column
    return text[:start] + "".join(f"{indent}{line}\n" for line in lines) + text[start:]


def _scalar(value: str) -> str:
    """Write a text as one YAML scalar on one line."""
    written = yaml.safe_dump(value, default_flow_style=True, width=10**9, allow_unicode=True)
    return written.removesuffix("...\n").rstrip("\n")

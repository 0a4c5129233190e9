"""The reference of components, read off their source: what each makes, its settings, its wires and its outputs."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from modelyard.settings.schema import document, rows

PACKAGE = Path(__file__).resolve().parents[1]
COMPONENTS = PACKAGE / "components"
_INTRODUCTION = """# Reference

What `stacks/` and a model's `infra/` are made of. Written from the docstrings by `poe reference`; a test fails when it
is stale.

"""
_SHARED = re.compile(r"modelyard\.(\w+)\.component")
_SECTION = re.compile(r"^(Args|Attributes|Raises|Returns):$", re.MULTILINE)


@dataclass(frozen=True)
class Documented:
    """A class and what its docstring says.

    Args:
        name: the class.
        summary: the text before its sections.
        args: what it takes, by name.
        outputs: what it offers, by name.
    """

    name: str
    summary: str
    args: dict[str, str]
    outputs: dict[str, str]


def page() -> str:
    """Write the whole reference."""
    folders = sorted(path.parent for path in COMPONENTS.glob("*/component.py"))
    folders += sorted(path.parent for path in PACKAGE.glob("*/component.py"))  # what several components are made of
    return _INTRODUCTION + "\n".join(_component(folder) for folder in folders)


def _component(folder: Path) -> str:
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.py"))]
    main = ast.parse((folder / "component.py").read_text(encoding="utf-8"))
    title = folder.name.replace("_", " ").capitalize()
    makes = sorted({word for module in modules for word in _makes(module)})
    parts = [f"## {title}\n", f"{_docstring(main)}\n", f"Makes: {', '.join(f'`{it}`' for it in makes)}.\n"]
    parts += [_class(found) for module in modules for found in _documented(module)]
    parts += [_settings(kind) for kind in _settings_of(folder)]
    return "\n".join(parts)


def _class(found: Documented) -> str:
    parts = [f"### `{found.name}`\n", f"{found.summary}\n"]
    for title, entries in (("Takes", found.args), ("Offers", found.outputs)):
        if entries:
            parts.append(_list(title, entries))
    return "\n".join(parts)


def _list(title: str, entries: dict[str, str]) -> str:
    lines = [f"- `{name}`: {text}" if text else f"- `{name}`" for name, text in entries.items()]
    return "\n".join([f"{title}:\n", *lines, ""])


def _documented(module: ast.Module) -> Iterator[Documented]:
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    wires = {node.name.removesuffix("Args"): node for node in classes if node.name.endswith("Args")}
    for node in classes:
        if any(isinstance(base, ast.Name) and base.id == "Component" for base in node.bases):
            sections = _sections(_docstring(node))
            args = _arguments(wires[node.name]) if node.name in wires else {}
            yield Documented(node.name, sections[""], args, _entries(sections.get("Attributes", "")))


def _arguments(node: ast.ClassDef) -> dict[str, str]:
    """List a class's fields, each with what its docstring says or else with its type."""
    told = _entries(_sections(_docstring(node)).get("Args", ""))
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)]
    named = {
        item.target.id: f"`{ast.unparse(item.annotation)}`" for item in fields if isinstance(item.target, ast.Name)
    }
    return {name: f"{told[name]} ({kind})" if name in told else kind for name, kind in named.items()}


def _makes(module: ast.Module) -> set[str]:
    """Return the types of AWS resources that a module makes, itself and through what components share."""
    calls = (node.func for node in ast.walk(module) if isinstance(node, ast.Call))
    words = {ast.unparse(call) for call in calls if isinstance(call, ast.Attribute)}
    own = {word for word in words if re.fullmatch(r"aws\.\w+\.[A-Z]\w+", word) and not word.endswith("Args")}
    shared = [ast.parse(path.read_text(encoding="utf-8")) for path in _shared(module)]
    return own.union(*map(_makes, shared))


def _shared(module: ast.Module) -> Iterator[Path]:
    """Return the modules of what components share that a module imports."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and (found := _SHARED.fullmatch(node.module or "")):
            yield PACKAGE / found[1] / "component.py"


def _docstring(node: ast.Module | ast.ClassDef) -> str:
    return ast.get_docstring(node) or ""


def _sections(text: str) -> dict[str, str]:
    """Split a docstring at its sections; the text before them is under the empty name."""
    head, *rest = _SECTION.split(text)
    return {"": head.strip(), **dict(zip(rest[::2], rest[1::2], strict=True))}


def _entries(text: str) -> dict[str, str]:
    """Read the `name: what it is` of a section; a line that is indented further goes on with the one before."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        match = re.fullmatch(r" {4}(\w+): (.*)", line)
        if match:
            name, found[match[1]] = match[1], match[2]
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found


def _settings_of(folder: Path) -> list[Any]:
    """Return a component's settings; those that are part of others come with them."""
    if not (folder / "settings.py").is_file():
        return []
    name = f"modelyard.components.{folder.name}.settings"
    kinds = [it for it in vars(import_module(name)).values() if _is_settings(it) and it.__module__ == name]
    parts = {part for kind in kinds for part in document(kind, "").get("$defs", {})}
    return [kind for kind in kinds if kind.__name__ not in parts]


def _is_settings(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


def _settings(kind: type[BaseModel]) -> str:
    found = rows(document(kind, ""))
    told = {row.path: f"{row.meaning} ({_about(row.default, row.values)})" for row in found}
    summary = (kind.__doc__ or "").strip().splitlines()[0]
    return f"### `{kind.__name__}`\n\n{summary}\n\n" + _list("Settings", told)


def _about(default: str, values: str) -> str:
    return f"{values}; default {default}" if default not in ("", "required") else f"{values}; {default or 'no default'}"

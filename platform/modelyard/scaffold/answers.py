"""Answers from the command line, from a file, and those that a repository was made from."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from modelyard.errors import TemplateError, UsageError

SCHEMA = 1
_LARGEST_BYTES = 64 * 1024


def pairs(words: Iterable[str]) -> dict[str, str]:
    """Return the answers of `--set NAME=VALUE`.

    Raises:
        UsageError: one has no value, or is answered twice.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"--set {word!r} has no value", hint="--set owner=data-team")
        if found.get(name, value) != value:
            raise UsageError(f"--set answers {name} twice", hint="answer it once")
        found[name] = value
    return found


def together(file: Path | None, given: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    """Return all answers: the options' count before the file's, and the command's own words before both.

    Raises:
        UsageError: an option contradicts the command's words, or the file can't be read.
        TemplateError: the file isn't valid.
    """
    for name in sorted(given.keys() & words.keys()):
        if given[name] != words[name]:
            raise UsageError(
                f"the {name} is answered twice: {words[name]!r} and --set {name}={given[name]}", hint="answer it once"
            )
    return {**(read(file) if file else {}), **given, **words}


def read(path: Path) -> dict[str, str]:
    """Return the answers of a file, by name.

    Raises:
        UsageError: it can't be read.
        TemplateError: it isn't a mapping of names to texts.
    """
    document = _document(path)
    if not isinstance(document, dict):
        raise TemplateError(f"{path} holds no answers", hint="write one a line, such as owner: data-team")
    for name, value in document.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TemplateError(f"{path}: {name!r} is answered by {value!r}, no text", hint=f'write {name}: "{value}"')
    return document


def recorded(repository: Path) -> tuple[str, dict[str, str]]:
    """Return the templates' version that a repository follows, and the answers that it was made from.

    Raises:
        UsageError: it has none, or its file isn't valid.
    """
    path = repository / "modelyard.yaml"
    document = _document(path)
    try:
        if document["schema"] != SCHEMA:
            hint = "pip install --upgrade modelyard"
            raise UsageError(
                f"{path} has the schema {document['schema']!r}, and this modelyard knows {SCHEMA}", hint=hint
            )
        template = {name: str(text) for name, text in document["template"].items()}
        version = template.pop("version")
        answers = {name: str(text) for name, text in document["answers"].items()}
        return version, {"project": str(document["name"]), **template, **answers}
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} is not what modelyard wrote: {error!r}", hint=f"git checkout -- {path.name}"
        ) from error


def _document(path: Path) -> Any:
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}", hint="name a file with answers: --answers answers.yaml"
        ) from error
    if len(content) > _LARGEST_BYTES:
        raise TemplateError(f"{path} is larger than {_LARGEST_BYTES // 1024} KiB", hint="write only the answers")
    try:
        return parsed(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise TemplateError(
            f"{path} is not valid YAML: {error}", hint="write one answer a line: owner: data-team"
        ) from error


def parsed(text: bytes | str) -> Any:
    """Return what YAML holds that has no aliases and no name twice.

    Raises:
        yaml.YAMLError: it isn't valid.
    """
    return yaml.load(text, _Plain)  # noqa: S506 - as safe as its base


class _Plain(yaml.SafeLoader):
    """Reads YAML without aliases, by which a small file becomes a huge one, and without names that count twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it has an alias, such as *this")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        twice = sorted({str(name) for name in names if names.count(name) > 1})
        if twice:
            raise yaml.YAMLError(f"it has {', '.join(twice)} twice")
        return super().construct_mapping(node, deep)

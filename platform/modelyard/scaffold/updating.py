"""Brings a repository that was changed by hand up to newer templates: nothing that was written by hand is lost."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from modelyard.errors import UsageError
from modelyard.scaffold import answers as given
from modelyard.scaffold import cruft
from modelyard.scaffold.bake import check, completed, render, version_of
from modelyard.scaffold.git import WorkTree
from modelyard.scaffold.merging import Merge, Merger, merger
from modelyard.scaffold.templates import pristine, rules, templates_folder

ANSWERS = "modelyard.yaml"
_LINE = re.compile(r'(?P<key> *[a-z_]+: *)(?P<value>"[^"]*"|[^\s"#][^#]*?)?(?P<rest>\s*(#.*)?)')

Files = dict[str, tuple[int, bytes]]


@dataclass(frozen=True, kw_only=True)
class Update:
    """An update that is worked out, and has changed nothing yet.

    Args:
        before: the templates' version that the repository follows.
        after: the one that it will follow.
        merge: what came of the merge.
        dropped: answers that the templates don't ask for any more.
    """

    before: str
    after: str
    merge: Merge
    dropped: tuple[str, ...]
    _merger: Merger

    def apply(self) -> None:
        """Write it into the repository; it is neither staged away nor committed.

        Raises:
            UsageError: it would write over files that git doesn't watch.
        """
        self._merger.apply(self.merge)


@contextmanager
def update(
    repository: Path, answers: Mapping[str, str] | None = None, *, templates: Path | None = None
) -> Iterator[Update]:
    """Work out an update.

    Args:
        repository: the model repository; what is committed counts, and nothing else may be there.
        answers: answers to change, by name; those in its `modelyard.yaml` may have been changed as well.
        templates: the folder of the templates; modelyard's own unless told.

    Raises:
        UsageError: there are changes that are not committed, or the templates are older than the repository.
        TemplateError: an answer isn't valid.
    """
    source = templates or templates_folder()
    work = WorkTree.clean(repository)
    before, after = versions(repository, source)
    _, recorded = given.recorded(repository)
    if (answers or {}).get("project", recorded["project"]) != recorded["project"]:
        check(answers or {}, source)
        hint = f"make another repository: modelyard new {recorded['kind']} {answers['project'] if answers else ''}"
        raise UsageError("a project keeps its name: its stacks and models have it", hint=hint)
    asked = rules(source).asked(source, recorded["kind"])
    kept = {name: text for name, text in recorded.items() if name in asked}
    theirs = _baked(completed({**kept, **(answers or {})}, source), source)
    if not (repository / cruft.FILE).is_file():
        theirs.pop(cruft.FILE, None)
    base = _base(repository, before, completed(kept, source) if before == after else None, source)
    hidden = pristine(source).FILE
    with merger(work) as merging:
        merge = merging.merge(base, theirs, _settled(repository, base, theirs, hidden), f"template-{after}", hidden)
        dropped = tuple(sorted(recorded.keys() - asked.keys()))
        yield Update(before=before, after=after, merge=merge, dropped=dropped, _merger=merging)


def versions(repository: Path, templates: Path | None = None) -> tuple[str, str]:
    """Return the templates' version that a repository follows, and the one that it can follow.

    Raises:
        UsageError: the templates are older than the repository, or it isn't said which it follows.
    """
    before, _ = given.recorded(repository)
    after = version_of(templates or templates_folder())
    if _numbers(before) > _numbers(after):
        raise UsageError(
            f"the repository follows templates {before}, and these are {after}", hint="pip install --upgrade modelyard"
        )
    return before, after


def carried(mine: str, base: str, theirs: str) -> str | None:
    """Return the answers' file with other answers in it, and the user's own comments, keys and order as they were.

    Args:
        mine: the file in the repository.
        base: the file that the templates once gave it.
        theirs: the file that the templates make of the answers that count.

    Returns:
        The text, or None where the user wrote the file in a form of their own.
    """
    wanted = {key: line for key, line in _keyed(theirs) if key}
    gone = {key for key, _ in _keyed(base) if key} - wanted.keys()
    lines = [
        (key, _replaced(line, wanted.pop(key)) if key in wanted else line)
        for key, line in _keyed(mine)
        if key not in gone
    ]
    for key, line in wanted.items():
        places = [place for place, (other, _) in enumerate(lines) if other and other[0] == key[0]]
        lines.insert(places[-1] + 1 if places else len(lines), (key, line))
    text = "".join(f"{line}\n" for _, line in lines)
    return text if _holds(_parsed(text), _parsed(theirs)) else None


def _keyed(text: str) -> Iterator[tuple[tuple[str, str] | None, str]]:
    """Return each line with its section and its key, if it has one."""
    section = ""
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        name = found["key"].strip().rstrip(": ") if found else ""
        if found and not line.startswith(" "):
            section = name if found["value"] is None else ""
        yield ((section, name) if found else None), line


def _replaced(mine: str, theirs: str) -> str:
    one, other = _LINE.fullmatch(mine), _LINE.fullmatch(theirs)
    if one is None or other is None or other["value"] is None:
        return mine
    return f"{one['key']}{other['value']}{one['rest']}"


def _parsed(text: str) -> Any:
    try:
        return given.parsed(text)
    except yaml.YAMLError:
        return None


def _holds(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and _holds(found[key], it) for key, it in wanted.items())
    return bool(found == wanted)


def _settled(repository: Path, base: Files, theirs: Files, kept: str) -> Files:
    """Return what no merge decides on: modelyard's own files."""
    found = {name: theirs[name] for name in (kept, cruft.FILE) if name in theirs}
    given_now = {name: it for name, it in theirs.items() if name not in (kept, cruft.FILE)}
    if given_now == base and (repository / kept).is_file():
        # The same files; another version of the compressor may have packed them to other bytes.
        found[kept] = (found[kept][0], (repository / kept).read_bytes())
    if cruft.FILE in found:
        text = (repository / cruft.FILE).read_text(encoding="utf-8")
        found[cruft.FILE] = (found[cruft.FILE][0], cruft.carried(text, found[cruft.FILE][1].decode()).encode())
    mode, content = theirs[ANSWERS]
    before = base.get(ANSWERS, (mode, b""))[1].decode()
    mine = carried((repository / ANSWERS).read_text(encoding="utf-8"), before, content.decode())
    return found if mine is None else {**found, ANSWERS: (mode, mine.encode())}


def _baked(answers: Mapping[str, str], templates: Path) -> Files:
    """Return all files of a repository that is made of these answers."""
    with TemporaryDirectory(prefix="modelyard-update-") as folder:
        made = render(answers, Path(folder), templates=templates)
        keeper = pristine(templates)
        files: Files = keeper.read_folder(made)
        files[keeper.FILE] = (files[ANSWERS][0], (made / keeper.FILE).read_bytes())
        return files


def _base(repository: Path, before: str, answers: Mapping[str, str] | None, templates: Path) -> Files:
    """Return what the templates gave the repository: the copy that it keeps, or made again of the same version."""
    keeper = pristine(templates)
    path = repository / keeper.FILE
    if path.is_file():
        try:
            files: Files = keeper.unpacked(path.read_bytes())
        except ValueError as error:
            hint = f"git checkout -- {keeper.FILE}, or take it from the last commit where it was whole"
            raise UsageError(f"{path} is damaged: {error}", hint=hint) from error
        return files
    if answers is not None:
        return _baked(answers, templates)
    raise UsageError(
        f"{path} is missing: it says what templates {before} gave this repository",
        hint=f"git checkout $(git log -1 --diff-filter=AM --format=%H -- {keeper.FILE}) -- {keeper.FILE}",
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(it) for it in re.findall(r"\d+", version))

"""What becomes of a repository that was changed by hand when its templates change: a table of cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from scaffold.yard import Content, Repository, Templates, raw

pytestmark = pytest.mark.slow

LINES = "".join(f"line {number}\n" for number in range(1, 13))


def lines(**changed: str) -> str:
    """Return the usual text with some of its lines changed: `l3="x"`."""
    text = LINES.splitlines()
    for name, line in changed.items():
        text[int(name[1:]) - 1] = line
    return "\n".join(text) + "\n"


def clash(mine: str, theirs: str) -> str:
    return f"<<<<<<< yours\n{mine}=======\n{theirs}>>>>>>> template-0.2.0\n"


BEFORE_B, MINE_B, NEW_B = b"\0before" * 9, b"\0mine" * 9, b"\0new" * 9


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the templates gave, what was changed by hand, what they give now, and what has to come of it."""

    before: Mapping[str, Content]
    mine: Mapping[str, Content | None] = field(default_factory=dict)
    new: Mapping[str, Content]
    want: Mapping[str, Content]
    conflicts: tuple[str, ...] = ()


A = {"a.txt": LINES}
CASES = {
    "an untouched file follows": Case(before=A, new={"a.txt": lines(l3="new")}, want={"a.txt": lines(l3="new")}),
    "a changed line stays": Case(before=A, mine={"a.txt": lines(l3="mine")}, new=A, want={"a.txt": lines(l3="mine")}),
    "both changed other lines": Case(
        before=A,
        mine={"a.txt": lines(l2="mine")},
        new={"a.txt": lines(l11="new")},
        want={"a.txt": lines(l2="mine", l11="new")},
    ),
    "both changed a line alike": Case(
        before=A, mine={"a.txt": lines(l2="x")}, new={"a.txt": lines(l2="x")}, want={"a.txt": lines(l2="x")}
    ),
    "both changed a line": Case(
        before=A,
        mine={"a.txt": lines(l2="mine")},
        new={"a.txt": lines(l2="new")},
        want={"a.txt": lines(l2=clash("mine\n", "new\n").rstrip("\n"))},
        conflicts=("a.txt",),
    ),
    "both changed a line, and the template another": Case(
        before=A,
        mine={"a.txt": lines(l2="mine")},
        new={"a.txt": lines(l2="new", l11="new")},
        want={"a.txt": lines(l2=clash("mine\n", "new\n").rstrip("\n"), l11="new")},
        conflicts=("a.txt",),
    ),
    "lines were added at the end by both": Case(
        before=A,
        mine={"a.txt": LINES + "mine\n"},
        new={"a.txt": LINES + "new\n"},
        want={"a.txt": LINES + clash("mine\n", "new\n")},
        conflicts=("a.txt",),
    ),
    "lines were deleted by hand": Case(
        before=A, mine={"a.txt": LINES[14:]}, new={"a.txt": lines(l11="new")}, want={"a.txt": lines(l11="new")[14:]}
    ),
    "a line that was deleted by hand is changed": Case(
        before=A,
        mine={"a.txt": LINES.replace("line 2\n", "")},
        new={"a.txt": lines(l2="new")},
        want={"a.txt": LINES.replace("line 2\n", clash("", "new\n"))},
        conflicts=("a.txt",),
    ),
    "a new file": Case(before=A, new={**A, "b/c.txt": "new\n"}, want={**A, "b/c.txt": "new\n"}),
    "a new file that is there already, alike": Case(
        before=A, mine={"b.txt": "x\n"}, new={**A, "b.txt": "x\n"}, want={**A, "b.txt": "x\n"}
    ),
    "a new file that is there already": Case(
        before=A,
        mine={"b.txt": "mine\n"},
        new={**A, "b.txt": "new\n"},
        want={**A, "b.txt": clash("mine\n", "new\n")},
        conflicts=("b.txt",),
    ),
    "a deleted file": Case(before={**A, "b.txt": "x\n"}, new=A, want=A),
    "a deleted file that was changed by hand": Case(
        before={**A, "b.txt": LINES},
        mine={"b.txt": lines(l3="mine")},
        new=A,
        want={**A, "b.txt": lines(l3="mine")},
        conflicts=("b.txt",),
    ),
    "a file that was deleted by hand": Case(
        before={**A, "b.txt": "x\n"}, mine={"b.txt": None}, new={**A, "b.txt": "x\n"}, want=A
    ),
    "a file that was deleted by hand is changed": Case(
        before={**A, "b.txt": LINES},
        mine={"b.txt": None},
        new={**A, "b.txt": lines(l3="new")},
        want={**A, "b.txt": lines(l3="new")},
        conflicts=("b.txt",),
    ),
    "both deleted a file": Case(before={**A, "b.txt": "x\n"}, mine={"b.txt": None}, new=A, want=A),
    "a renamed file": Case(before=A, new={"b.txt": LINES}, want={"b.txt": LINES}),
    "a renamed file that was changed by hand": Case(
        before=A, mine={"a.txt": lines(l3="mine")}, new={"d/b.txt": LINES}, want={"d/b.txt": lines(l3="mine")}
    ),
    "a renamed and changed file that was changed by hand": Case(
        before=A,
        mine={"a.txt": lines(l3="mine")},
        new={"b.txt": lines(l11="new")},
        want={"b.txt": lines(l3="mine", l11="new")},
    ),
    "a file that was renamed by hand is changed": Case(
        before=A,
        mine={"a.txt": None, "own.txt": LINES},
        new={"a.txt": lines(l3="new")},
        want={"own.txt": lines(l3="new")},
    ),
    "both renamed a file alike": Case(
        before=A, mine={"a.txt": None, "b.txt": LINES}, new={"b.txt": LINES}, want={"b.txt": LINES}
    ),
    "both renamed a file": Case(
        before=A,
        mine={"a.txt": None, "own.txt": LINES},
        new={"b.txt": LINES},
        want={"own.txt": LINES, "b.txt": LINES},
        conflicts=("a.txt", "b.txt", "own.txt"),
    ),
    "a renamed file where another was made by hand": Case(
        before=A,
        mine={"b.txt": "mine\n"},
        new={"b.txt": LINES},
        want={"b.txt": clash("mine\n", LINES)},
        conflicts=("b.txt",),
    ),
    "a renamed folder with a file of one's own": Case(
        before={"old/a.txt": LINES, "old/b.txt": LINES * 2},
        mine={"old/own.txt": "mine\n"},
        new={"now/a.txt": LINES, "now/b.txt": LINES * 2},
        want={"now/a.txt": LINES, "now/b.txt": LINES * 2, "now/own.txt": "mine\n"},
        conflicts=("now/own.txt",),
    ),
    "a binary file": Case(before={"a.bin": BEFORE_B}, new={"a.bin": NEW_B}, want={"a.bin": NEW_B}),
    "a binary file that was changed by hand": Case(
        before={"a.bin": BEFORE_B}, mine={"a.bin": MINE_B}, new={"a.bin": BEFORE_B}, want={"a.bin": MINE_B}
    ),
    "a binary file that both changed": Case(
        before={"a.bin": BEFORE_B},
        mine={"a.bin": MINE_B},
        new={"a.bin": NEW_B},
        want={"a.bin": MINE_B},
        conflicts=("a.bin",),
    ),
    "a file becomes executable": Case(
        before=A, mine={"a.txt": lines(l3="mine")}, new={"a.txt": ("x", LINES)}, want={"a.txt": ("x", lines(l3="mine"))}
    ),
    "a file that was made executable by hand is changed": Case(
        before=A, mine={"a.txt": ("x", LINES)}, new={"a.txt": lines(l3="new")}, want={"a.txt": ("x", lines(l3="new"))}
    ),
    "a file is no longer executable": Case(before={"a.txt": ("x", LINES)}, new=A, want=A),
    "an executable file is renamed": Case(
        before={"a.sh": ("x", LINES)},
        mine={"a.sh": ("x", lines(l3="mine"))},
        new={"b.sh": ("x", LINES)},
        want={"b.sh": ("x", lines(l3="mine"))},
    ),
    "a file becomes a folder": Case(before={"a": LINES}, new={"a/b.txt": "new\n"}, want={"a/b.txt": "new\n"}),
    "a file that was changed by hand becomes a folder": Case(
        before={"a": LINES},
        mine={"a": lines(l3="mine")},
        new={"a/b.txt": "new\n"},
        want={"a/b.txt": "new\n", "a~yours": lines(l3="mine")},
        conflicts=("a~yours",),
    ),
    "a folder becomes a file": Case(before={"a/b.txt": "x\n"}, new={"a": "new\n"}, want={"a": "new\n"}),
    "an empty file gets content": Case(before={"a.txt": ""}, new={"a.txt": "new\n"}, want={"a.txt": "new\n"}),
    "a file becomes empty": Case(before=A, new={"a.txt": ""}, want={"a.txt": ""}),
    "a file becomes empty that was changed by hand": Case(
        before=A,
        mine={"a.txt": lines(l3="mine")},
        new={"a.txt": ""},
        want={"a.txt": clash(lines(l3="mine"), "")},
        conflicts=("a.txt",),
    ),
    "no newline at the end": Case(
        before={"a.txt": LINES + "end"},
        mine={"a.txt": lines(l2="mine") + "end"},
        new={"a.txt": lines(l9="new") + "end"},
        want={"a.txt": lines(l2="mine", l9="new") + "end"},
    ),
    "windows' line ends": Case(
        before={"a.txt": LINES.replace("\n", "\r\n")},
        mine={"a.txt": lines(l2="mine").replace("\n", "\r\n")},
        new={"a.txt": lines(l9="new").replace("\n", "\r\n")},
        want={"a.txt": lines(l2="mine", l9="new").replace("\n", "\r\n")},
    ),
    "names with spaces, quotes and letters of all kinds": Case(
        before={"é 'b' ü.txt": LINES},
        mine={"é 'b' ü.txt": lines(l2="mine"), '日本 "x".txt': "mine\n"},
        new={"é 'b' ü.txt": lines(l9="new")},
        want={"é 'b' ü.txt": lines(l2="mine", l9="new"), '日本 "x".txt': "mine\n"},
    ),
    "files of one's own": Case(
        before=A,
        mine={"own.txt": "mine\n", ".hidden": "mine\n", "d/e/f.txt": "mine\n"},
        new={"a.txt": "new\n"},
        want={"a.txt": "new\n", "own.txt": "mine\n", ".hidden": "mine\n", "d/e/f.txt": "mine\n"},
    ),
    "a file that was replaced by a link": Case(
        before=A,
        mine={"a.txt": ("link", "own.txt"), "own.txt": "mine\n"},
        new={"a.txt": lines(l3="new")},
        want={"a.txt~template-0.2.0": lines(l3="new"), "a.txt": ("link", "own.txt"), "own.txt": "mine\n"},
        conflicts=("a.txt", "a.txt~template-0.2.0"),
    ),
    "all at once": Case(
        before={"a.txt": LINES, "b.txt": "b\n", "c.txt": LINES + "c\n", "d.bin": BEFORE_B},
        mine={"a.txt": lines(l2="mine"), "b.txt": None, "own.txt": "mine\n"},
        new={"a.txt": lines(l11="new"), "b.txt": "b\n", "e/c.txt": LINES + "c\n", "d.bin": NEW_B},
        want={"a.txt": lines(l2="mine", l11="new"), "e/c.txt": LINES + "c\n", "d.bin": NEW_B, "own.txt": "mine\n"},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_case(tmp_path: Path, case: Case):
    templates = Templates(tmp_path / "templates")
    templates.hold(case.before, "0.1.0")
    repository = Repository(templates, tmp_path)
    repository.work(case.mine)
    committed = repository.git("rev-parse", "HEAD")
    templates.hold(case.new, "0.2.0")
    merge = repository.update()
    assert repository.tree() == dict(case.want)
    assert merge.conflicts == case.conflicts
    assert repository.git("rev-parse", "HEAD") == committed
    assert '  version: "0.2.0"\n' in (repository.path / "modelyard.yaml").read_text()
    nothing_lost(repository, case)
    repository.git("reset", "-q", "--hard")
    assert repository.git("status", "--porcelain") == ""


def nothing_lost(repository: Repository, case: Case) -> None:
    """Check that each line that was written by hand is in the files, or in git's index as your side of a conflict."""
    given = {line for content in case.before.values() for line in raw(content).splitlines()}
    kept = b"\n".join([*map(raw, repository.tree().values()), *map(raw, repository.staged(2).values())])
    written = [line for it in case.mine.values() if it is not None for line in raw(it).splitlines()]
    assert [line for line in written if line not in given and line not in kept] == []

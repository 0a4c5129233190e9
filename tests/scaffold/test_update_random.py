"""Random work by hand against random newer templates: each line that was written by hand is still there."""

import os
import random
from pathlib import Path

import pytest
from scaffold.yard import Content, Repository, Templates, raw

pytestmark = pytest.mark.slow

TIMES = int(os.environ.get("MODELYARD_UPDATES", "30"))


def given(dice: random.Random) -> dict[str, Content]:
    """Return what the templates give at first."""
    paths = dice.sample(["a.txt", "b.txt", "d/c.txt", "d/e.txt", "d/f/g.txt", "h.sh", "i.txt"], 5)
    return {path: "".join(f"{path} {number} {dice.random()}\n" for number in range(15)) for path in paths}


def other(path: str, dice: random.Random) -> str:
    return dice.choice([f"x/{path}", path.replace(".", "-2."), f"{path}.d/z.txt", path.rsplit("/", 1)[-1]])


def with_line(content: Content, line: str, dice: random.Random) -> str:
    lines = raw(content).decode().splitlines(keepends=True)
    place = dice.randrange(len(lines) + 1)
    kept = lines[place + dice.choice([0, 0, 1, 3]) :]
    return "".join([*lines[:place], f"{line}\n", *kept])


def changed(files: dict[str, Content], who: str, dice: random.Random) -> dict[str, Content]:
    """Return files as somebody leaves them: every line that is new has the word of who wrote it."""
    made = dict(files)
    for number in range(dice.randrange(1, 7)):
        path = dice.choice([*made, "new.txt"])
        what = dice.choice(["write", "write", "write", "move", "delete", "add", "mode", "empty"])
        content = made.get(path, "")
        if what == "write":
            made[path] = with_line(content, f"{who} {number}", dice)
        elif what == "move" and path in made:
            made[other(path, dice)] = made.pop(path)
        elif what == "delete":
            made.pop(path, None)
        elif what == "add":
            made[other(path, dice)] = f"{who} {number}\n"
        elif what == "mode" and path in made:
            made[path] = ("x", raw(content).decode())
        elif what == "empty" and who == "new":
            made[path] = ""
    return {path: content for path, content in made.items() if not any(it.startswith(f"{path}/") for it in made)}


@pytest.mark.parametrize("seed", range(TIMES))
def test_nothing_is_lost(tmp_path: Path, seed: int):
    dice = random.Random(seed)
    templates = Templates(tmp_path / "templates")
    before = given(dice)
    templates.hold(before, "0.1.0")
    repository = Repository(templates, tmp_path)
    mine = changed(before, "mine", dice)
    repository.work({**{path: None for path in before if path not in mine}})
    repository.work(mine)
    new = changed(before, "new", dice)
    templates.hold(new, "0.2.0")
    merge = repository.update()
    kept = b"\n".join([*map(raw, repository.tree().values()), *map(raw, repository.staged(2).values())])
    written = {line for it in mine.values() for line in raw(it).splitlines() if line.startswith(b"mine")}
    assert {line for line in written if line not in kept} == set()
    if not merge.conflicts:
        arrived = {line for it in new.values() for line in raw(it).splitlines() if line.startswith(b"new")}
        assert {line for line in arrived if line not in kept} == set()
    repository.git("reset", "-q", "--hard")
    assert repository.tree() == {path: mine[path] for path in sorted(mine)}

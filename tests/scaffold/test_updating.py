"""Updates: what is refused, what answers do, and that nothing is touched before all is known."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scaffold.yard import Repository, Templates

from modelyard.errors import TemplateError, UsageError
from modelyard.scaffold.updating import carried, update

LINES = "".join(f"line {number}\n" for number in range(1, 13))
OWNED = 'owner: "{{ cookiecutter.owner }}"\nx\ny\nz\n'


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    made = Templates(tmp_path / "templates")
    made.hold({"a.txt": LINES, "owner.yaml": OWNED, ".gitignore": "*.local\n"}, "0.1.0")
    return made


@pytest.fixture
def repository(templates: Templates, tmp_path: Path) -> Repository:
    return Repository(templates, tmp_path)


def refused(repository: Repository, **answers: str) -> UsageError:
    """Check that an update is refused, and that it touched nothing."""
    before = (repository.git("rev-parse", "HEAD"), repository.git("status", "--porcelain", "--ignored"))
    files = repository.tree()
    with pytest.raises(UsageError) as error:
        repository.update(**answers)
    assert (repository.git("rev-parse", "HEAD"), repository.git("status", "--porcelain", "--ignored")) == before
    assert repository.tree() == files
    assert error.value.hint
    return error.value


def newer(templates: Templates, **files: str) -> None:
    given = {"a.txt": LINES, "owner.yaml": OWNED, ".gitignore": "*.local\n"}
    templates.hold({**given, **{name.replace("_", "."): text for name, text in files.items()}}, "0.2.0")


def test_without_a_change_it_is_up_to_date(repository: Repository):
    assert repository.update().changes == ()
    assert repository.git("status", "--porcelain") == ""


def test_after_an_update_it_is_up_to_date(templates: Templates, repository: Repository):
    newer(templates, a_txt="new\n")
    assert [it.path for it in repository.update().changes] == [".template-base", "a.txt", "modelyard.yaml"]
    repository.commit()
    assert repository.update().changes == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: (it.path / "a.txt").write_text("mine\n"), "a.txt"),
        (lambda it: (it.path / "own.txt").write_text("mine\n"), "own.txt"),
        (lambda it: (it.path / "a.txt").unlink(), "a.txt"),
        (lambda it: it.git("rm", "-q", "a.txt"), "a.txt"),
        (lambda it: (it.path / "a.txt").chmod(0o755), "a.txt"),
    ],
    ids=["changed", "new", "deleted", "staged", "mode"],
)
def test_changes_that_are_not_committed_are_refused(
    repository: Repository, change: Callable[[Repository], Any], said: str
):
    change(repository)
    error = refused(repository)
    assert str(error) == f"1 change is not committed: {said}"
    assert error.hint == "git add . && git commit, or git stash --include-untracked; then modelyard update"


def test_a_merge_that_is_not_finished_is_refused(repository: Repository):
    repository.git("switch", "-q", "-c", "other")
    repository.work({"b.txt": "theirs\n"})
    repository.git("switch", "-q", "main")
    repository.git("merge", "-q", "--no-commit", "--no-ff", "other")
    assert str(refused(repository)) == "git is in the middle of a merge"


def test_a_folder_outside_of_git_is_refused(templates: Templates, repository: Repository, tmp_path: Path):
    (repository.path / ".git").rename(tmp_path / "elsewhere")
    with (
        pytest.raises(UsageError, match="is in no git repository"),
        update(repository.path, templates=templates.folder),
    ):
        pass


def test_a_repository_without_a_commit_is_refused(templates: Templates, repository: Repository, tmp_path: Path):
    (repository.path / ".git").rename(tmp_path / "elsewhere")
    repository.git("init", "-q")
    with pytest.raises(UsageError, match="nothing is committed"), update(repository.path, templates=templates.folder):
        pass


def test_ignored_files_are_never_written_over(templates: Templates, repository: Repository):
    (repository.path / "mine.local").write_text("mine\n")
    newer(templates, mine_local="new\n")
    error = refused(repository)
    assert str(error) == "the update would write over files that are not in git: mine.local"
    assert error.hint == "move them away, then modelyard update: mv mine.local mine.local.mine"


def test_ignored_files_are_never_written_over_by_a_folder(templates: Templates, repository: Repository):
    (repository.path / "mine.local").write_text("mine\n")
    templates.hold({"mine.local/a.txt": "new\n"}, "0.2.0")
    assert "not in git: mine.local" in str(refused(repository))


def test_ignored_files_in_a_folder_are_never_written_over_by_a_file(templates: Templates, repository: Repository):
    (repository.path / "d").mkdir()
    (repository.path / "d" / "mine.local").write_text("mine\n")
    newer(templates, d="new\n")
    assert "not in git: d/mine.local" in str(refused(repository))


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_files_that_git_does_not_look_at_are_not_touched(templates: Templates, repository: Repository, flag: str):
    repository.git("update-index", flag, "a.txt")
    (repository.path / "a.txt").write_text("mine\n")
    newer(templates, a_txt="new\n")
    assert "git was told not to look at files that the update changes: a.txt" in str(refused(repository))
    assert (repository.path / "a.txt").read_text() == "mine\n"


def test_older_templates_are_refused(templates: Templates, repository: Repository):
    templates.change(_version="0.0.9")
    error = refused(repository)
    assert str(error) == "the repository follows templates 0.1.0, and these are 0.0.9"
    assert error.hint == "pip install --upgrade modelyard"


def test_a_project_keeps_its_name(repository: Repository):
    assert "keeps its name" in str(refused(repository, project="other"))


def test_nasty_answers_are_refused(templates: Templates, repository: Repository):
    with pytest.raises(TemplateError, match="owner"):
        repository.update(owner="{{ 7*7 }}")
    with pytest.raises(TemplateError, match="asks no colour"):
        repository.update(colour="red")
    repository.work({"modelyard.yaml": (repository.path / "modelyard.yaml").read_text().replace("us-east-1", "../x")})
    with pytest.raises(TemplateError, match=r"region '\.\./x' is not valid"):
        repository.update()
    assert repository.git("status", "--porcelain") == ""


def test_a_lost_copy_of_the_templates_is_made_again_of_the_same_version(templates: Templates, repository: Repository):
    repository.work({".template-base": None, "a.txt": LINES + "mine\n"})
    assert [it.path for it in repository.update(owner="me").changes] == [
        ".template-base",
        "modelyard.yaml",
        "owner.yaml",
    ]
    assert (repository.path / "a.txt").read_text() == LINES + "mine\n"


def test_a_lost_copy_of_other_templates_is_asked_for(templates: Templates, repository: Repository):
    repository.work({".template-base": None})
    newer(templates)
    error = refused(repository)
    assert "it says what templates 0.1.0 gave this repository" in str(error)
    repository.git("config", "advice.detachedHead", "false")
    done = repository.git("log", "-1", "--diff-filter=AM", "--format=%H", "--", ".template-base").strip()
    repository.git("checkout", done, "--", ".template-base")  # what the hint says
    repository.commit()
    assert repository.update().conflicts == ()


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b" + b"\0" * 50], ids=["empty", "text", "cut"])
def test_a_damaged_copy_of_the_templates_is_refused(repository: Repository, content: bytes):
    repository.work({".template-base": content})
    error = refused(repository, owner="me")
    assert "is damaged" in str(error)


def test_a_dry_run_touches_nothing(templates: Templates, repository: Repository):
    newer(templates, a_txt=LINES.replace("line 3", "new"))
    objects = repository.git("count-objects", "-v")
    with update(repository.path, templates=templates.folder) as found:
        diff = found.merge.diff
    assert "-line 3\n+new\n" in diff
    assert ".template-base" not in diff
    assert repository.git("status", "--porcelain") == ""
    assert repository.git("count-objects", "-v") == objects


def test_conflicts_are_in_the_index_as_gits_own_are(templates: Templates, repository: Repository):
    repository.work({"a.txt": LINES.replace("line 3", "mine")})
    newer(templates, a_txt=LINES.replace("line 3", "new"))
    merge = repository.update()
    assert merge.notes == ("CONFLICT (content): Merge conflict in a.txt",)
    assert repository.git("status", "--porcelain").splitlines() == [
        "M  .template-base",
        "UU a.txt",
        "M  modelyard.yaml",
    ]
    assert [repository.staged(number)["a.txt"].splitlines()[2] for number in (1, 2, 3)] == ["line 3", "mine", "new"]
    repository.git("checkout", "--theirs", "a.txt")
    assert (repository.path / "a.txt").read_text() == LINES.replace("line 3", "new")
    repository.git("checkout", "--merge", "--conflict=diff3", "a.txt")
    assert "||||||| base\nline 3\n=======\n" in (repository.path / "a.txt").read_text()


def test_a_settled_conflict_does_not_come_back(templates: Templates, repository: Repository):
    repository.work({"a.txt": LINES.replace("line 3", "mine")})
    newer(templates, a_txt=LINES.replace("line 3", "new"))
    repository.update()
    repository.work({"a.txt": LINES.replace("line 3", "both")})
    templates.hold({"a.txt": LINES.replace("line 3", "new") + "more\n", "owner.yaml": OWNED, ".gitignore": ""}, "0.3.0")
    assert repository.update().conflicts == ()
    assert (repository.path / "a.txt").read_text() == LINES.replace("line 3", "both") + "more\n"


def test_a_repository_that_is_a_folder_of_another(templates: Templates, tmp_path: Path):
    (tmp_path / "mono" / "models").mkdir(parents=True)
    (tmp_path / "mono" / "a.txt").write_text("of the whole\n")
    repository = Repository(templates, tmp_path / "mono" / "models", top=tmp_path / "mono")
    repository.work({"a.txt": LINES.replace("line 3", "mine")})
    newer(templates, a_txt=LINES.replace("line 3", "new"), b_txt="new\n")
    (tmp_path / "mono" / "a.txt").write_text("changed meanwhile\n")
    merge = repository.update()
    assert merge.conflicts == ("a.txt",)
    assert repository.git("status", "--porcelain", folder=repository.top).splitlines() == [
        " M a.txt",
        "M  models/churn/.template-base",
        "UU models/churn/a.txt",
        "A  models/churn/b.txt",
        "M  models/churn/modelyard.yaml",
    ]
    assert (tmp_path / "mono" / "a.txt").read_text() == "changed meanwhile\n"


def test_another_answer_reaches_all_that_was_made_of_it(repository: Repository):
    repository.work({"owner.yaml": 'owner: "data-science"\nx\ny\nmine\n', "own.txt": "mine\n"})
    merge = repository.update(owner="me")
    assert [it.path for it in merge.changes] == [".template-base", "modelyard.yaml", "owner.yaml"]
    assert (repository.path / "owner.yaml").read_text() == 'owner: "me"\nx\ny\nmine\n'


def test_an_answer_that_was_changed_by_hand_counts(repository: Repository):
    text = (repository.path / "modelyard.yaml").read_text()
    mine = text.replace('"data-science"', '"me"  # since May') + "# mine\n"
    repository.work({"modelyard.yaml": mine})
    assert [it.path for it in repository.update().changes] == [".template-base", "owner.yaml"]
    assert (repository.path / "modelyard.yaml").read_text() == mine


def test_another_answer_where_the_line_was_changed_by_hand_is_a_conflict(repository: Repository):
    repository.work({"owner.yaml": 'owner: "mine"\nx\ny\nz\n'})
    merge = repository.update(owner="me")
    assert merge.conflicts == ("owner.yaml",)
    assert (repository.path / "owner.yaml").read_text() == (
        '<<<<<<< yours\nowner: "mine"\n=======\nowner: "me"\n>>>>>>> template-0.1.0\nx\ny\nz\n'
    )


def test_another_ci_provider_takes_the_place_of_the_first(repository: Repository):
    merge = repository.update(ci="gitlab")
    assert {(it.status, it.path) for it in merge.changes} == {
        ("M", ".template-base"),
        ("D", "github.txt"),
        ("A", "gitlab.txt"),
        ("M", "modelyard.yaml"),
    }


def test_a_new_question_is_answered_by_its_default(templates: Templates, repository: Repository):
    recorded = templates.folder / "{{ cookiecutter.project }}" / "modelyard.yaml"
    recorded.write_text(recorded.read_text() + '  colour: "{{ cookiecutter.colour }}"\n')
    templates.change(colour="red", _version="0.2.0")
    repository.work({"modelyard.yaml": (repository.path / "modelyard.yaml").read_text() + "# mine\n"})
    repository.update()
    text = (repository.path / "modelyard.yaml").read_text()
    assert text.endswith('  rollout: "all_at_once"\n  colour: "red"\n# mine\n')
    repository.commit()
    repository.update(colour="blue")
    assert '  colour: "blue"\n# mine\n' in (repository.path / "modelyard.yaml").read_text()


def test_a_question_that_is_asked_no_more_is_dropped_and_said(templates: Templates, repository: Repository):
    recorded = templates.folder / "{{ cookiecutter.project }}" / "modelyard.yaml"
    recorded.write_text("".join(line for line in recorded.read_text().splitlines(True) if "owner" not in line))
    templates.hold({"a.txt": LINES}, "0.2.0")
    templates.change(owner=None)
    with update(repository.path, templates=templates.folder) as found:
        found.apply()
        assert found.dropped == ("owner",)
    assert "owner" not in (repository.path / "modelyard.yaml").read_text()


def test_it_can_be_undone(templates: Templates, repository: Repository):
    repository.work({"a.txt": LINES.replace("line 3", "mine"), "own.txt": "mine\n"})
    before = repository.tree()
    templates.hold({"a.txt": LINES.replace("line 3", "new"), "b/c.txt": "new\n"}, "0.2.0")
    repository.update()
    assert repository.tree() != before
    repository.git("reset", "-q", "--hard")
    assert repository.tree() == before
    assert repository.git("status", "--porcelain") == ""


def test_answers_are_carried_into_a_file_of_ones_own_form():
    mine = (
        '# top\nschema: 1\n\ntemplate:  # from\n  version: "1"  # old\n  kind: k\n'
        'answers:\n  a: "1"\n  gone: "x"\nmore:\n  b: 1\n'
    )
    base = 'schema: 1\ntemplate:\n  version: "1"\n  kind: "k"\nanswers:\n  a: "1"\n  gone: "x"\n'
    theirs = 'schema: 1\ntemplate:\n  version: "2"\n  kind: "k"\nanswers:\n  a: "2"\n  new: "y"\n'
    assert carried(mine, base, theirs) == (
        '# top\nschema: 1\n\ntemplate:  # from\n  version: "2"  # old\n  kind: "k"\n'
        'answers:\n  a: "2"\n  new: "y"\nmore:\n  b: 1\n'
    )
    assert carried("schema: 1\ntemplate: {version: '1', kind: k}\nanswers: {a: '1'}\n", base, theirs) is None


def test_the_users_own_git_settings_do_no_harm(
    templates: Templates, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    sections = {
        "diff": "external = false\n noprefix = true\n renames = false",
        "color": "ui = always",
        "commit": "gpgSign = true",
        "protocol": "allow = never",
        "safe": "bareRepository = explicit",
        "status": "showUntrackedFiles = no\n short = true",
        "core": "quotePath = true\n pager = false",
        "merge": "conflictStyle = diff3",
    }
    text = "".join(f"[{name}]\n {lines}\n" for name, lines in sections.items())
    (tmp_path / "gitconfig").write_text(text)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    repository.work({"a.txt": LINES.replace("line 3", "mine")})
    (repository.path / "own.txt").write_text("mine\n")
    assert "not committed: own.txt" in str(refused(repository))
    (repository.path / "own.txt").unlink()
    newer(templates, a_txt=LINES.replace("line 3", "new"))
    with update(repository.path, templates=templates.folder) as found:
        assert "\x1b" not in found.merge.diff
        assert "+<<<<<<< yours\n" in found.merge.diff
        found.apply()
    conflict = r"<<<<<<< yours\nmine\n\|{7} [0-9a-f]+\nline 3\n=======\nnew\n>>>>>>> template-0.2.0\n"
    assert re.search(conflict, (repository.path / "a.txt").read_text())


def test_what_is_handed_to_the_repository_is_only_what_it_lacks(templates: Templates, repository: Repository):
    repository.work({f"own/{number}.txt": f"mine {number}\n" for number in range(200)})
    repository.git("gc", "-q")
    newer(templates, a_txt="new\n")
    repository.update()
    fields = dict(line.split(": ") for line in repository.git("count-objects", "-v").splitlines())
    assert int(fields["count"]) < 20
    assert fields["packs"] == "1"
    assert repository.git("fsck", "--strict", "--no-dangling") == ""


def test_a_copy_that_was_packed_by_another_compressor_is_no_change(repository: Repository):
    path = repository.path / ".template-base"
    repository.work({".template-base": gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=1)})
    assert repository.update().changes == ()

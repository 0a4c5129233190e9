"""The story of the README, told by typing its commands: each is a process of its own, as in a terminal."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from modelyard import project as projects
from modelyard.cli import views
from modelyard.errors import DeploymentError, UsageError
from modelyard.localcloud import daemon

MODEL = "churn"
BRANCH = "feature/demo"
_SAMPLE = f"""
import json
from {MODEL}.sample import request
print(json.dumps(request([0, 50])))
"""


@dataclass
class Story:
    """The steps told so far.

    Args:
        root: the platform's repository.
        home: the folder that keeps state and the local cloud.
    """

    root: Path
    home: Path
    told: list[tuple[str, float]] = field(default_factory=list)

    @property
    def model(self) -> Path:
        """Return the folder of the demo's model repository."""
        return self.home / "demo" / MODEL

    def chapter(self, title: str) -> None:
        """Write a heading."""
        views.console().rule(f"[bold]{views.escaped(title)}", align="left", style="dim")

    def type(self, *words: str, folder: Path | None = None) -> None:
        """Type one command and show what it prints.

        Raises:
            DeploymentError: it failed.
        """
        shown = " ".join(words) if words[0] != "python" else " ".join(words[:4])
        views.line(f"[bold cyan]$[/bold cyan] {views.escaped(shown)}")
        started = time.perf_counter()
        code = subprocess.run(self._command(words), cwd=folder or self.root, env=self._environment(), check=False)
        self.told.append((shown, time.perf_counter() - started))
        if code.returncode != 0:
            where = folder or self.root
            raise DeploymentError(f"{shown!r} failed in {where}", hint=f"cd {where} && {shown}; or: make demo-clean")

    def _command(self, words: tuple[str, ...]) -> list[str]:
        programs = {"modelyard": [sys.executable, "-m", "modelyard"], "python": [sys.executable]}
        return [*programs.get(words[0], [words[0]]), *words[1:]]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, projects.HOME_VARIABLE: str(self.home), "PYTHONUNBUFFERED": "1"}


def tell() -> None:
    """Tell the whole story; what is there already is brought up to date.

    Raises:
        UsageError: the user does not stand in the platform's repository.
        DeploymentError: a step failed.
    """
    story = _open()
    story.chapter("1. A cloud on this machine")
    story.type("modelyard", "cloud", "start")
    story.chapter("2. The platform")
    story.type("modelyard", "preview", "foundation", "--env", "dev")
    story.type("modelyard", "up", "--env", "dev")
    story.type("modelyard", "preview", "--env", "dev", "--expect-no-changes")
    story.chapter("3. A model repository")
    if not story.model.exists():
        story.type("modelyard", "new", "sklearn", MODEL, "--no-input", "--output", str(story.model.parent))
    story.type("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", folder=story.model)
    story.chapter("4. From data to an endpoint that answers")
    _serve(story)
    story.chapter("5. A stack for a branch")
    _branch(story)
    _summarize(story)


def clean() -> None:
    """Take away everything the demo made: resources, the local cloud, the state and the model repository.

    Raises:
        UsageError: the user does not stand in the platform's repository.
    """
    story = _open()
    if (story.home / "state").is_dir() and (daemon.folder(story.home)).is_dir():
        story.type("modelyard", "destroy", "--env", "dev")
    daemon.stop(story.home)
    shutil.rmtree(story.home, ignore_errors=True)
    views.line(f"{views.escaped(story.home)} is gone")


def _open() -> Story:
    project = projects.find()
    if project.kind != "platform":
        raise UsageError("the demo runs in the platform's repository", hint="cd to where README.md and stacks/ are")
    return Story(project.root, projects.home())


def _serve(story: Story) -> None:
    for words in (("up",), ("pipeline", "run"), ("model", "approve"), ("up",)):
        story.type("modelyard", *words, folder=story.model)
    sample = subprocess.run(
        [sys.executable, "-c", _SAMPLE], cwd=story.model / "src", capture_output=True, text=True, check=True
    )
    (story.model / "sample.json").write_text(sample.stdout, encoding="utf-8")
    story.type("modelyard", "endpoint", "invoke", "--data", "@sample.json", folder=story.model)


def _branch(story: Story) -> None:
    if not (story.model / ".git").exists():
        identity = ["-c", "user.name=modelyard", "-c", "user.email=demo@modelyard.invalid"]
        for words in (
            ["init", "--quiet", "--initial-branch", "main"],
            ["add", "."],
            [*identity, "commit", "--quiet", "--message", f"feat: {MODEL} from the template"],
        ):
            subprocess.run(["git", *words], cwd=story.model, check=True)
    story.type("git", "switch", "--quiet", "--force-create", BRANCH, folder=story.model)
    for word in ("up", "list", "down"):
        story.type("modelyard", "branch", word, folder=story.model)
    story.type("git", "switch", "--quiet", "main", folder=story.model)


def _summarize(story: Story) -> None:
    story.chapter("What you have seen")
    views.table(("command", "seconds"), [(command, f"{seconds:.1f}") for command, seconds in story.told])
    info = daemon.status(story.home)
    endpoint = json.dumps(f"{MODEL}-dev-endpoint")
    if info is not None:
        views.line(f"still running: the local cloud at {info.endpoint_url}, with the endpoint {endpoint}")
    repository = os.path.relpath(story.model, story.root)
    program = "modelyard" if shutil.which("modelyard") else str(Path(sys.executable).with_name("modelyard"))
    views.line("try next:")
    for words in ("endpoint invoke --data @sample.json", "model list", "branch up my-idea"):
        views.line(f"  (cd {views.escaped(repository)} && {views.escaped(program)} {words})")
    views.line("[dim]'make demo-clean' takes everything away[/dim]")

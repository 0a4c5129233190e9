"""Ours against Terraform: the environment prod, and the same resources as Terraform has them, on one local cloud.

The configuration is made of our own plan (`as_terraform.py`), so that it has the same resources, inputs and references.
Both take turns, each verb as a new process; the cloud's own work is in both. Needs `terraform` and the provider's
plugin, as `tests/localcloud/test_terraform.py` says: MODELYARD_TF_PLUGINS names a filesystem mirror.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from benchmarks import as_terraform
from benchmarks.test_engines import Cost, measured
from localcloud.test_terraform import CONFIGURATION, PLUGINS, REASON, mirror
from stacks.lab import Lab

from modelyard.localcloud import daemon
from modelyard.localcloud.provider.session import Session

pytestmark = pytest.mark.benchmark
ENVIRONMENT = os.environ.get("MODELYARD_BENCHMARK_ENV", "prod")
ROUNDS = int(os.environ.get("MODELYARD_ROUNDS", "3"))
TIMES_FASTER = 4
MOST_MEMORY_MB = 250
VERBS = ("up", "preview", "destroy")
OURS = {"up": ["up"], "preview": ["preview", "--expect-no-changes"], "destroy": ["destroy"]}
THEIRS = {
    "up": ["apply", "-auto-approve", "-input=false"],
    "preview": ["plan", "-input=false"],
    "destroy": ["destroy", "-auto-approve", "-input=false"],
}


@dataclass
class Race:
    """What each verb took, of both, in each round."""

    ours: dict[str, list[Cost]] = field(default_factory=lambda: {verb: [] for verb in VERBS})
    theirs: dict[str, list[Cost]] = field(default_factory=lambda: {verb: [] for verb in VERBS})

    def ratio(self, verb: str) -> float:
        return statistics.median(
            theirs.wall / ours.wall for ours, theirs in zip(self.ours[verb], self.theirs[verb], strict=True)
        )

    def line(self, verb: str) -> str:
        ours, theirs = (
            (
                statistics.median(it.wall for it in costs[verb]),
                statistics.median(it.cpu for it in costs[verb]),
                max(it.memory for it in costs[verb]) / 1e6,
                max(it.resident for it in costs[verb]) / 1e6,
            )
            for costs in (self.ours, self.theirs)
        )
        told = "{:6.2f} s wall {:6.2f} s CPU {:4.0f} MB ({:4.0f} MB resident)"
        return f"{verb:8} ours {told.format(*ours)} | terraform {told.format(*theirs)} | x{self.ratio(verb):.1f}"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    made = Lab(tmp_path_factory.mktemp("race"))
    yield made
    made.close()


@pytest.fixture
def terraform(lab: Lab) -> Path:
    """A folder with the configuration, ready to apply."""
    if shutil.which("terraform") is None or not (PLUGINS or CONFIGURATION.is_file()):
        pytest.skip(REASON)
    folder = lab.folder / "terraform"
    folder.mkdir()
    (folder / "main.tf.json").write_text(json.dumps(as_terraform.provider({})))
    said(lab, folder, "init", "-input=false")
    schemas = json.loads(said(lab, folder, "providers", "schema", "-json"))["provider_schemas"]
    [provider] = schemas.values()
    changes = [it for result in lab.plan(ENVIRONMENT, pretending=True).values() for it in result.changes]
    with zipfile.ZipFile(folder / "function.zip", "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return 'done'\n")
    session = Session(lab.info.endpoint_url, "us-east-1")
    made = as_terraform.Configuration(changes, provider["resource_schemas"], session, "function.zip")
    (folder / "main.tf.json").write_text(as_terraform.written(made, {"modelyard:environment": ENVIRONMENT}))
    assert made.left_out == []
    return folder


def environment(lab: Lab, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        **daemon.environment(lab.info, "us-east-1"),
        "MODELYARD_HOME": str(lab.home),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_CLI_CONFIG_FILE": str(mirror(folder)),
    }


def said(lab: Lab, folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["terraform", *words], cwd=folder, env=environment(lab, folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def ours(lab: Lab, verb: str) -> Cost:
    words = [*OURS[verb], "--env", ENVIRONMENT]
    if verb == "destroy" and lab.settings(ENVIRONMENT).protect:
        words += ["--yes-really", ENVIRONMENT]
    return measured([sys.executable, "-m", "modelyard", *words], lab.folder, environment(lab, lab.folder))


def theirs(lab: Lab, folder: Path, verb: str) -> Cost:
    return measured(["terraform", *THEIRS[verb], "-no-color"], folder, environment(lab, folder))


def test_every_verb_is_at_least_four_times_as_fast(lab: Lab, terraform: Path, capsys: pytest.CaptureFixture[str]):
    race = Race()
    for _ in range(ROUNDS):
        for verb in VERBS:
            race.ours[verb].append(ours(lab, verb))
        assert lab.inventory() == []
        for verb in VERBS:
            race.theirs[verb].append(theirs(lab, terraform, verb))
        assert lab.inventory() == []
    count = sum(map(len, json.loads((terraform / "main.tf.json").read_text())["resource"].values()))
    with capsys.disabled():
        print(f"\n{ENVIRONMENT}, {count} resources, median of {ROUNDS}")  # noqa: T201
        for verb in VERBS:
            print(race.line(verb))  # noqa: T201
    assert {verb: race.ratio(verb) for verb in VERBS if race.ratio(verb) < TIMES_FASTER} == {}
    assert max(it.memory for costs in race.ours.values() for it in costs) / 1e6 < MOST_MEMORY_MB

"""The embedded engine against the real Pulumi CLI; run by hand: `python -m pytest tests/benchmarks -s -m benchmark`.

Both run the same program with the same provider in turn, each verb as a new process: CPU is that of the whole process
tree, memory its highest resident set (pages shared by processes count for each). The CLI's provider runs in a process
of its own that is not counted; the embedded engine's runs inside of it and is. Bytecode is cached for both.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.benchmark
HERE = Path(__file__).parent
VERBS = ("preview", "up", "no-op up", "destroy")
ROUNDS = {10: 5, 100: 3, 1000: 1}
MOST = 0.6  # of the CLI's CPU
MOST_AT_1000 = {"up": 0.4, "destroy": 0.4}
NOTHING_TO_DO_S = 1.5
STRAIGHT = 1.6  # how much more the last of 5,000 may cost than one of 1,000: collecting garbage grows a little


@dataclass(frozen=True)
class Cost:
    """What one command used: CPU and wall in seconds, memory in bytes, as proportional and as resident sets."""

    cpu: float
    wall: float
    memory: int
    resident: int


@dataclass
class Costs:
    """What each verb used, in each round."""

    rounds: dict[str, list[Cost]] = field(default_factory=lambda: {verb: [] for verb in VERBS})

    def cpu(self, verb: str) -> float:
        return statistics.median(cost.cpu for cost in self.rounds[verb])

    def wall(self, verb: str) -> float:
        return statistics.median(cost.wall for cost in self.rounds[verb])

    @property
    def memory(self) -> float:
        return max(cost.memory for costs in self.rounds.values() for cost in costs) / 1e6

    def line(self) -> str:
        return f"{' / '.join(f'{self.cpu(verb):6.2f}' for verb in VERBS)} ({self.memory:.0f} MB)"


@pytest.fixture(scope="session")
def environment(tmp_path_factory) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("bytecode"))}


def measured(command: list[str], folder: Path, environment: dict[str, str]) -> Cost:
    done = subprocess.run(
        [sys.executable, str(HERE / "meter.py"), *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def embedded(folder: Path, environment: dict[str, str], costs: Costs) -> None:
    for verb in VERBS:
        word = verb.split()[-1]
        costs.rounds[verb].append(
            measured([sys.executable, str(HERE / "embedded.py"), word, str(folder)], folder, environment)
        )


def real(folder: Path, environment: dict[str, str], costs: Costs) -> None:
    for verb in VERBS:
        words = [verb.split()[-1], "--non-interactive", "--stack", "dev"]
        extra = [] if verb == "preview" else ["--skip-preview", "--yes"]
        costs.rounds[verb].append(measured(["pulumi", *words, *extra], folder, environment))


@pytest.fixture(scope="module")
def cli(environment, tmp_path_factory) -> Iterator[dict[str, str] | None]:
    """The environment of a Pulumi CLI that has the trivial provider; none where there is no CLI."""
    if shutil.which("pulumi") is None:
        yield None
        return
    home = tmp_path_factory.mktemp("pulumi")
    provider = subprocess.Popen(
        [sys.executable, str(HERE / "trivial.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield {
        **environment,
        "PULUMI_HOME": str(home / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DEBUG_PROVIDERS": f"trivial:{provider.stdout.readline().strip()}",
    }
    provider.communicate()


@pytest.mark.parametrize("number", ROUNDS)
def test_the_embedded_engine_against_the_pulumi_cli(number, environment, cli, tmp_path, capsys):
    sys.path.insert(0, str(HERE))
    import trivial

    trivial.write(tmp_path, number)
    ours, theirs = Costs(), Costs()
    embedded(tmp_path, environment, Costs())  # fills the cache of bytecode
    if cli is not None:
        cli = {**cli, "PULUMI_BACKEND_URL": f"file://{tmp_path}"}
        subprocess.run(["pulumi", "stack", "init", "dev"], cwd=tmp_path, env=cli, capture_output=True, check=True)
    for turn in range(ROUNDS[number]):
        runs = [lambda: embedded(tmp_path, environment, ours)]
        if cli is not None:
            runs.append(lambda: real(tmp_path, cli, theirs))
        for run in runs if turn % 2 == 0 else reversed(runs):
            run()
    with capsys.disabled():
        print(f"\n{number} resources, CPU seconds of {' / '.join(VERBS)}")  # noqa: T201
        print(f"  embedded {ours.line()}")  # noqa: T201
    if cli is None:
        pytest.skip("the Pulumi CLI is not installed: there is nothing to compare with")
    ratios = {verb: ours.cpu(verb) / theirs.cpu(verb) for verb in VERBS}
    with capsys.disabled():
        print(f"  pulumi   {theirs.line()}")  # noqa: T201
        print(f"  ratio    {' / '.join(f'{ratios[verb]:6.2f}' for verb in VERBS)}")  # noqa: T201
        print(f"  wall     {' / '.join(f'{ours.wall(verb) / theirs.wall(verb):6.2f}' for verb in VERBS)}")  # noqa: T201
    most = {verb: MOST_AT_1000.get(verb, MOST) if number == 1000 else MOST for verb in VERBS}
    assert {verb: ratio for verb, ratio in ratios.items() if ratio > most[verb]} == {}
    assert ours.memory < theirs.memory


def test_cost_grows_linearly_to_5000(environment, tmp_path, capsys):
    sys.path.insert(0, str(HERE))
    import trivial

    costs = {}
    for number in (10, 1000, 5000):
        trivial.write(tmp_path / str(number), number)
        costs[number] = Costs()
        embedded(tmp_path / str(number), environment, Costs() if number == 10 else costs[number])
        if number == 10:
            embedded(tmp_path / "10", environment, costs[10])
    growth = {
        verb: ((costs[5000].cpu(verb) - costs[1000].cpu(verb)) / 4000)
        / ((costs[1000].cpu(verb) - costs[10].cpu(verb)) / 990)
        for verb in VERBS
    }
    with capsys.disabled():
        print(f"\nCPU seconds of {' / '.join(VERBS)}")  # noqa: T201
        for number, cost in costs.items():
            print(f"  {number:5} resources {cost.line()}")  # noqa: T201
        print(f"  one of the last 4000 against one of the first 1000: {growth}")  # noqa: T201
    assert {verb: value for verb, value in growth.items() if value > STRAIGHT} == {}


def test_up_of_the_dev_platform_where_there_is_nothing_to_do(environment, tmp_path, capsys):
    repository = HERE.parents[1]
    here = {**environment, "MODELYARD_HOME": str(tmp_path)}
    words = [sys.executable, "-m", "modelyard"]
    started = subprocess.run([*words, "cloud", "start", "--json"], env=here, capture_output=True, text=True, check=True)
    cloud = json.loads(started.stdout)["pid"]
    try:
        measured([*words, "up", "--env", "dev"], repository, here)
        rounds, daemon = [], []
        for _ in range(5):
            before = _used(cloud)
            rounds.append(measured([*words, "up", "--env", "dev"], repository, here))
            daemon.append(_used(cloud) - before)
    finally:
        subprocess.run([*words, "cloud", "stop"], env=here, capture_output=True, check=True)
    cpu, wall = (statistics.median(getattr(cost, name) for cost in rounds) for name in ("cpu", "wall"))
    with capsys.disabled():
        print(  # noqa: T201
            f"\nup of the dev platform, nothing to do: {cpu:.2f} s of CPU, {wall:.1f} s, "
            f"{max(cost.memory for cost in rounds) / 1e6:.0f} MB; the local cloud {statistics.median(daemon):.2f} s"
        )
    assert cpu < NOTHING_TO_DO_S


def _used(pid: int) -> float:
    """Return the CPU seconds of a process and its children."""
    import psutil

    times = psutil.Process(pid).cpu_times()
    return times.user + times.system + times.children_user + times.children_system

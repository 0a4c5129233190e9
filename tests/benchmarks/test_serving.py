"""Our model server against MLflow's and MLServer, and the drift monitor against Evidently, in turn in one run.

Each of the others lives in an environment of its own, named by a variable: MODELYARD_BENCH_MLFLOW,
MODELYARD_BENCH_MLSERVER and MODELYARD_BENCH_EVIDENTLY hold the path of its Python. One that isn't given is skipped.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.benchmark
HERE = Path(__file__).parent
ROUNDS, SECONDS = 5, 2.0
FASTER_THAN = {"mlflow": 4.0, "mlserver": 1.5}
DRIFT_FASTER, DRIFT_MIB = 20.0, 200.0

MAKE = """
import sys, joblib, numpy
from sklearn.linear_model import LogisticRegression
dice = numpy.random.default_rng(0)
rows = dice.normal(size=(1000, 100))
joblib.dump(LogisticRegression().fit(rows, rows[:, 0] > 0), sys.argv[1])
"""
CODE = "import joblib\ndef model_fn(folder):\n    return joblib.load(folder + '/model.joblib')\n"
SAVE = "import sys, joblib, mlflow\nmlflow.sklearn.save_model(joblib.load('model.joblib'), 'saved')\n"


def other(name: str) -> str:
    python = os.environ.get(f"MODELYARD_BENCH_{name.upper()}", "")
    if not python:
        pytest.skip(f"MODELYARD_BENCH_{name.upper()} names no Python with {name}")
    return python


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(command: list[str], folder: Path, url: str) -> Iterator[None]:
    environment = {**os.environ, "PATH": f"{Path(command[0]).parent}:{os.environ['PATH']}"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - our own address
                break
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(30)


def ours(folder: Path, port: int) -> list[str]:
    (folder / "code").mkdir(parents=True)
    (folder / "code/inference.py").write_text(CODE)
    subprocess.run([sys.executable, "-c", MAKE, str(folder / "model.joblib")], check=True)
    server = ["-m", "modelyard.localcloud.runtime.model_server", "--model-dir", str(folder), "--port", str(port)]
    return [sys.executable, *server]


def theirs(name: str, python: str, folder: Path, port: int) -> tuple[list[str], str]:
    folder.mkdir()
    subprocess.run([python, "-c", MAKE, "model.joblib"], cwd=folder, check=True)
    if name == "mlflow":
        subprocess.run([python, "-c", SAVE], cwd=folder, check=True, capture_output=True)
        command = ["models", "serve", "-m", "saved", "-p", str(port), "--env-manager", "local", "-w", "1"]
        return [str(Path(python).with_name("mlflow")), *command], f"http://127.0.0.1:{port}/ping"
    settings = {"host": "127.0.0.1", "http_port": port, "grpc_port": free_port(), "metrics_port": free_port()}
    (folder / "settings.json").write_text(json.dumps({**settings, "parallel_workers": 0}))
    model = {"name": "m", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "./model.joblib"}}
    (folder / "model-settings.json").write_text(json.dumps(model))
    return [str(Path(python).with_name("mlserver")), "start", "."], f"http://127.0.0.1:{port}/v2/models/m/ready"


def load(port: int, case: str, concurrency: int, seconds: float = SECONDS) -> dict[str, float]:
    command = [sys.executable, str(HERE / "loader.py"), str(port), case, str(concurrency), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", sorted(FASTER_THAN))
def test_requests_a_second(name, tmp_path, capsys):
    python = other(name)
    port, their_port = free_port(), free_port()
    command, url = theirs(name, python, tmp_path / "theirs", their_port)
    own = ours(tmp_path / "ours", port)
    with serving(own, tmp_path, f"http://127.0.0.1:{port}/ping"), serving(command, tmp_path / "theirs", url):
        for one, case in ((port, "modelyard"), (their_port, name)):
            load(one, case, 4, 1.0)
        for concurrency in (1, 16):
            pairs = [(load(port, "modelyard", concurrency), load(their_port, name, concurrency)) for _ in range(ROUNDS)]
            rate, tail = (statistics.median(a[key] / b[key] for a, b in pairs) for key in ("rate", "p99_ms"))
            mine, other_rate = (statistics.median(pair[side]["rate"] for pair in pairs) for side in (0, 1))
            with capsys.disabled():
                print(  # noqa: T201
                    f"\n{concurrency} at once: {mine:.0f}/s, {name} {other_rate:.0f}/s; x {rate:.2f}, p99 x {tail:.2f}"
                )
            assert rate >= FASTER_THAN[name]
            assert tail <= 1.0


DRIFT = """
import resource, sys, time
import numpy as np
kind, rows = sys.argv[1], 1_000_000
dice = np.random.default_rng(0)
def columns(shift):
    numbers = {f"n{it}": dice.normal(shift, 1, rows) for it in range(15)}
    texts = {f"t{it}": np.array(list("abcdefgh"), dtype=object)[dice.integers(0, 8, rows)] for it in range(5)}
    return {**numbers, **texts}
first, second = columns(0.0), columns(0.05)
if kind == "monitor":
    from modelyard.monitors import configuration, data_quality
    from modelyard.monitors.table import Table, from_array
    settings = configuration.Settings()
    def work():
        table = lambda them: Table({name: from_array(name, values) for name, values in them.items()})
        made = data_quality.suggest(table(first), settings)
        baseline = configuration.Baseline(made.statistics, made.constraints)
        return data_quality.watch(table(second), baseline, settings)
else:
    import pandas as pd
    from evidently import Report
    from evidently.presets import DataDriftPreset
    first, second = pd.DataFrame(first), pd.DataFrame(second)
    def work():
        return Report([DataDriftPreset()]).run(current_data=second, reference_data=first)
before, started = resource.getrusage(resource.RUSAGE_SELF), time.process_time()
work()
after = resource.getrusage(resource.RUSAGE_SELF)
print(time.process_time() - started, (after.ru_maxrss - before.ru_maxrss) / 1024)
"""


def drift(python: str, kind: str) -> tuple[float, float]:
    done = subprocess.run([python, "-c", DRIFT, kind], capture_output=True, text=True, check=True)
    cpu_seconds, mib = done.stdout.split()[-2:]
    return float(cpu_seconds), float(mib)


def test_drift_of_two_million_rows(capsys):
    python = other("evidently")
    pairs = [(drift(sys.executable, "monitor"), drift(python, "evidently")) for _ in range(3)]
    ratio = statistics.median(theirs[0] / mine[0] for mine, theirs in pairs)
    mine, theirs = (statistics.median(pair[side][0] for pair in pairs) for side in (0, 1))
    memory = max(pair[0][1] for pair in pairs)
    with capsys.disabled():
        print(f"\nmonitor {mine:.2f} s of CPU and {memory:.0f} MiB more, evidently {theirs:.1f} s: x {ratio:.1f}")  # noqa: T201
    assert ratio >= DRIFT_FASTER
    assert memory < DRIFT_MIB

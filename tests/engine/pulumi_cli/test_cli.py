"""Finding, running and stopping the Pulumi CLI, with scripts in its place."""

import os
import signal
import threading
import time

import pytest

from modelyard.engine.base import Deployment
from modelyard.engine.pulumi_cli import PulumiEngine, cli
from modelyard.errors import DeploymentError


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Put a script on the PATH as `pulumi`."""
    cli.find.cache_clear()
    folder = tmp_path / "bin"
    folder.mkdir()

    def write(script: str) -> None:
        path = folder / "pulumi"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    yield write
    cli.find.cache_clear()


def test_a_missing_cli_says_how_to_install_it(program, tmp_path):
    deployment = Deployment(project="p", stack="dev", program=tmp_path, state=tmp_path / "state")
    for verb in ("preview", "up", "destroy", "refresh"):
        with pytest.raises(DeploymentError) as error:
            getattr(PulumiEngine(), verb)(deployment, print)
        assert str(error.value) == "the Pulumi CLI is not installed: there is no 'pulumi' on the PATH"
        assert "https://www.pulumi.com/docs/install/" in error.value.hint
    assert not (tmp_path / "state").exists()


def test_a_cli_that_is_too_old_is_refused(program):
    program("echo v2.9.0")
    with pytest.raises(DeploymentError, match=r"can't be used: Minimum version requirement failed") as error:
        cli.find()
    assert "https://www.pulumi.com/docs/install/" in error.value.hint


@pytest.mark.parametrize("version", ["v3.255.0", ""])
def test_a_cli_that_fits_is_asked_once(program, tmp_path, version):
    program(f"echo run >> {tmp_path}/runs; echo '{version}'")
    assert (cli.find(), cli.find()) == ("pulumi", "pulumi")
    assert (tmp_path / "runs").read_text() == "run\n"


def test_what_it_says_and_its_code_are_kept(program, tmp_path):
    program('if [ "$1" = version ]; then echo v3.255.0; else echo "out $X"; echo "err $1" >&2; exit 7; fi')
    done = cli.run(["up"], folder=tmp_path, environment={"X": "y"})
    assert done == cli.Finished(7, "out y\n", "err up\n")
    assert done.said == "err up\n\nout y\n"


STUBBORN = """
if [ "$1" = version ]; then echo v3.255.0; exit; fi
count=0
trap 'count=$((count+1)); echo "asked $count"; [ $count -ge {times} ] && exit 1' INT
touch {ready}
while true; do sleep 0.05; done
"""


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_is_passed_on_each_time(program, tmp_path, times):
    ready = tmp_path / "ready"
    program(STUBBORN.format(times=times, ready=ready))
    cli.find()

    def press() -> None:
        while not ready.exists():
            time.sleep(0.02)
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)

    pressing = threading.Thread(target=press)
    pressing.start()
    done = cli.run(["up"], folder=tmp_path, environment={}, meanwhile=lambda: None)
    pressing.join()
    assert (done.code, done.cancelled) == (1, True)
    assert done.stdout == "".join(f"asked {number}\n" for number in range(1, times + 1))


def test_nothing_runs_on_when_the_caller_fails(program, tmp_path):
    program(
        'if [ "$1" = version ]; then echo v3.255.0; exit; fi\n'
        'echo $$ > pid; trap "exit 0" INT; while true; do sleep 0.05; done'
    )
    pid = tmp_path / "pid"

    def meanwhile() -> None:
        if pid.exists() and pid.read_text().strip():
            raise RuntimeError("the view broke")

    with pytest.raises(RuntimeError, match="the view broke"):
        cli.run(["up"], folder=tmp_path, environment={}, meanwhile=meanwhile)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)

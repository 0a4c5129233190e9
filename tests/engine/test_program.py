"""Programs in child processes: as separate from one another, from the engine and from where it runs as can be."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from modelyard.engine.base import Diagnostic
from modelyard.engine.embedded.program import children

PLATFORM = str(Path(children.__file__).resolve().parents[3])


@pytest.fixture(params=["forked", "spawned"])
def way(request, monkeypatch) -> str:
    """How programs are started; a variable that only a new interpreter heeds has them started from nothing."""
    if request.param == "spawned":
        monkeypatch.setattr(children, "_forkable", lambda environment: False)
    elif sys.platform != "linux":
        pytest.skip("programs are forked on Linux alone")
    return request.param


class _Silent(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """An engine that only answers what a program asks before its first line."""

    def GetDeploymentInfo(self, request, context):
        return resource_pb2.DeploymentInfo(project="p", stack="s")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an engine for programs that end before they register anything."""
    served = grpc.server(ThreadPoolExecutor(4))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(_Silent(), served)
    engine_pb2_grpc.add_EngineServicer_to_server(_Silent(), served)
    port = served.add_insecure_port("127.0.0.1:0")
    served.start()
    yield f"127.0.0.1:{port}"
    served.stop(grace=None)


def said(bench) -> list[str]:
    return [event.message for event in bench.events if isinstance(event, Diagnostic)]


def test_a_program_finds_itself_alone(bench, way, tmp_path):
    (bench.program / "beside.py").write_text("WORD = 'its own'\n")
    result = bench.up("""
        import os, sys
        import beside
        print(beside.WORD)
        print(os.getcwd() == os.path.dirname(os.path.abspath(__file__)))
        print(sys.argv == [os.path.abspath(__file__)])
        print(sys.path[0] == os.getcwd(), sys.path.count(os.environ["WHERE_THE_ENGINE_STANDS"]))
        print(os.getsid(0) == os.getpid(), __name__)
    """)
    assert result.outcome == "succeeded"
    assert said(bench) == ["its own", "True", "True", "True 0", "True __main__"]


@pytest.fixture(autouse=True)
def _where(monkeypatch) -> None:
    monkeypatch.setenv("WHERE_THE_ENGINE_STANDS", str(Path.cwd()))


def test_the_next_program_has_nothing_of_the_one_before(bench, way):
    (bench.program / "beside.py").write_text("WORD = 'first'\n")
    bench.up("""
        import os, sys, pulumi, beside
        print(beside.WORD)
        os.environ["LEFT"] = "behind"
        pulumi.left = "behind"
        sys.path.append("/left")
    """)
    first = said(bench)
    (bench.program / "beside.py").write_text("WORD = 'second, and of another length'\n")
    bench.up("""
        import os, sys, pulumi, beside
        print(beside.WORD, os.environ.get("LEFT"), hasattr(pulumi, "left"), "/left" in sys.path)
    """)
    assert [*first, *said(bench)] == ["first", "second, and of another length None False False"]


def test_the_programs_own_module_comes_before_one_that_happens_to_be_loaded(bench, way):
    (bench.program / "typer.py").write_text("OWN = True\n")
    result = bench.up("import typer\nprint(typer.OWN)\n")
    assert (result.outcome, said(bench)) == ("succeeded", ["True"])


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("import os; os._exit(7)", "the program ended with exit code 7 before it had registered everything"),
        ("import sys; sys.exit(3)", "the program ended with exit code 3 before it had registered everything"),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
            "the program ended with exit code -11 before it had registered everything",
        ),
    ],
)
def test_how_a_program_ends_is_told(bench, way, program, message):
    result = bench.up(program)
    assert (result.outcome, [item.message for item in result.diagnostics]) == ("failed", [message])


def test_an_exception_is_shown_from_the_programs_own_frame_on(bench, way):
    result = bench.up("def wrong():\n    raise ValueError('no')\nwrong()\n")
    message = result.diagnostics[0].message
    assert result.outcome == "failed"
    assert message.endswith("ValueError: no")
    assert "__main__.py" in message.splitlines()[2]
    assert "launcher" not in message


def test_what_a_program_prints_comes_line_by_line_while_it_runs(bench, way):
    seen: list[tuple[str, float]] = []
    bench.write("import sys, time\nprint('one')\nprint('two', file=sys.stderr)\ntime.sleep(1)\nprint('three')\n")
    bench.engine.up(
        bench.deployment(),
        lambda event: seen.append((event.message, time.monotonic())) if isinstance(event, Diagnostic) else None,
    )
    assert [message for message, _ in seen] == ["one", "two", "three"]
    assert seen[2][1] - seen[1][1] > 0.8


def test_the_environment_is_the_one_that_is_asked_for(bench, way, monkeypatch):
    monkeypatch.setenv("A_WORD", "set after the first program")
    bench.up("import os\nprint(os.environ['A_WORD'], os.environ['PULUMI_CONFIG'][:1])\n")
    first = said(bench)
    monkeypatch.delenv("A_WORD")
    bench.up("import os\nprint(os.environ.get('A_WORD'))\n")
    assert [*first, *said(bench)] == ["set after the first program {", "None"]


def test_a_variable_that_a_new_interpreter_heeds_gets_one(monkeypatch):
    here = dict(os.environ)
    assert children._forkable(here)
    assert children._forkable({**here, "PULUMI_CONFIG": "{}", "PYTHONUNBUFFERED": "1"})
    for name in ("PYTHONPATH", "PYTHONHASHSEED", "TRACEPARENT", "LD_PRELOAD"):
        assert not children._forkable({**here, name: "another"})
    assert not children._forkable({key: value for key, value in here.items() if key != "LANG"} | {"LANG": "xx"})


def test_many_programs_at_once(tmp_path, server):
    running = [children.start(_arguments(tmp_path, server, number), dict(os.environ)) for number in range(4)]
    assert [child.wait(timeout=30) for child in running] == [0, 1, 2, 3]
    for child in running:
        child.close()


def test_a_program_that_hangs_is_killed(tmp_path, server):
    child = children.start(
        _arguments(tmp_path, server, 0, "import time\nprint('up', flush=True)\ntime.sleep(600)\n"), _env()
    )
    assert child.output.readline() == "up\n"
    assert child.wait(timeout=0.1) is None
    started = time.monotonic()
    child.kill()
    child.close()
    assert time.monotonic() - started < 5


def test_the_next_forker_is_started_where_one_was_killed(tmp_path, server):
    if sys.platform != "linux":
        pytest.skip("programs are forked on Linux alone")
    forker = children._Forker.shared()
    os.kill(forker._pid, 9)
    time.sleep(0.2)
    for number in (5, 6):
        child = children.start(_arguments(tmp_path, server, number), _env())
        assert child.wait(timeout=30) == number
        child.close()
    assert children._Forker.current is not forker


def test_programs_die_with_the_engine(tmp_path, server):
    program = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    script = textwrap.dedent(f"""
        import os, sys
        sys.path.insert(0, {PLATFORM!r})
        from modelyard.engine.embedded.program import children
        child = children.start({_arguments(tmp_path, server, 0, program)!r}, dict(os.environ))
        print(child.output.readline().strip(), flush=True)
        os.kill(os.getpid(), 9)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    process = Path("/proc") / done.stdout.strip()
    assert done.stdout.strip().isdecimal()
    deadline = time.monotonic() + 10
    while process.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not process.exists()


def test_a_command_line_forks_from_its_own_process_only_while_it_has_one_thread(tmp_path, server):
    script = textwrap.dedent(f"""
        import os, sys, threading
        from modelyard.engine.embedded.program import children
        children.may_fork_from_here()
        if sys.argv[1] == "threads":
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        children.prepare()
        lines = [open(f"/proc/{{pid}}/cmdline").read() for pid in ("self", children._Forker.current._pid)]
        print(lines[0] == lines[1])
        child = children.start({_arguments(tmp_path, server, 9)!r}, dict(os.environ))
        print(child.wait(timeout=30))
    """)
    for words, forked in ((["alone"], "True"), (["threads"], "False")):
        done = subprocess.run(
            [sys.executable, "-c", script, *words],
            capture_output=True,
            text=True,
            check=True,
            env={**_env(), "PYTHONPATH": PLATFORM},
        )
        assert done.stdout.split() == [forked, "9"]


def _env() -> dict[str, str]:
    return dict(os.environ)


def _arguments(folder: Path, server: str, code: int, program: str = "") -> list[str]:
    """Write a program that ends at once, before it says anything to an engine; return a launcher's arguments."""
    path = folder / f"program{code}" / "__main__.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(program or f"import os\nos._exit({code})\n")
    values = {"project": "p", "root_directory": str(path.parent), "stack": "s", "parallel": "4", "dry_run": "false"}
    values |= {"pwd": str(path.parent), "monitor": server, "engine": server, "organization": "o"}
    return [*(word for name, value in values.items() for word in (f"--{name}", value)), str(path)]

"""Programs that fail, exit, crash or talk."""

import pytest
from engine.lifecycle.differences import Difference, differs

from modelyard.engine.base import Severity
from modelyard.engine.plan import Op


def test_a_program_that_raises_fails_and_keeps_what_it_made(bench):
    bench.up('Thing("a")')
    result = bench.up('Thing("a", value="2")\nraise ValueError("oops")')
    assert result.outcome == "failed"
    assert any("ValueError: oops" in text for text in bench.said(Severity.ERROR))
    assert bench.things() == ["a"]


def test_a_program_that_raises_after_a_wait_keeps_what_was_made(bench):
    result = bench.up(
        """
        def fail(_):
            raise ValueError("oops")
        Thing("a").id.apply(fail)
        """
    )
    assert (result.outcome, bench.things(), list(bench.cloud)) == ("failed", ["a"], ["a-1"])
    assert any("oops" in text for text in bench.said(Severity.ERROR))


def test_a_program_with_a_syntax_error_says_where(bench):
    result = bench.up("def broken(:\n    pass")
    assert result.outcome == "failed"
    assert any("SyntaxError" in text and "broken" in text for text in bench.said(Severity.ERROR))


def test_a_program_that_imports_what_is_not_there(bench):
    result = bench.up("import no_such_module_here")
    assert result.outcome == "failed"
    assert any("no_such_module_here" in text for text in bench.said(Severity.ERROR))


def test_a_run_error_shows_no_traceback(bench):
    result = bench.up('raise pulumi.RunError("set the color first")')
    assert result.outcome == "failed"
    assert any("set the color first" in text for text in bench.said(Severity.ERROR))
    assert "Traceback" not in "".join(bench.said(Severity.ERROR))


def test_exit_with_zero_is_a_success(bench):
    result = bench.up('import sys\nThing("a")\nsys.exit(0)')
    assert result.outcome == "succeeded"


@pytest.mark.parametrize("ending", ["sys.exit(3)", "sys.exit('no')", "os._exit(5)", "os.kill(os.getpid(), 9)"])
def test_a_program_that_ends_badly_fails_and_deletes_nothing(bench, ending):
    bench.up('Thing("a")')
    result = bench.up(f"import os, sys\n{ending}")
    assert (result.outcome, bench.calls, list(bench.cloud)) == ("failed", [], ["a-1"])
    assert bench.said(Severity.ERROR) != []


def test_a_program_without_end_of_recursion_fails(bench):
    result = bench.up("def deeper():\n    deeper()\ndeeper()")
    assert result.outcome == "failed"
    assert any("RecursionError" in text for text in bench.said(Severity.ERROR))


@differs(Difference.WORDS)
def test_a_program_that_is_not_there(bench):
    bench.up('Thing("a")')
    (bench.program / "__main__.py").unlink()
    result = bench.up()
    assert (result.outcome, list(bench.cloud)) == ("failed", ["a-1"])


def test_what_the_program_prints_is_passed_on(bench):
    bench.up('import sys\nprint("hello")\nprint("aside", file=sys.stderr)')
    assert "hello" in bench.said(Severity.INFO)
    assert any("aside" in text for text in bench.said(Severity.INFO) + bench.said(Severity.ERROR))


@pytest.mark.parametrize(("level", "severity"), [("info", Severity.INFO), ("warn", Severity.WARNING)])
def test_what_the_program_logs(bench, level, severity):
    result = bench.up(f'pulumi.log.{level}("careful")')
    assert (result.outcome, "careful" in bench.said(severity)) == ("succeeded", True)


def test_what_the_program_logs_of_a_resource(bench):
    result = bench.up('a = Thing("a")\npulumi.log.warn("careful", a)')
    assert [(it.message, it.urn.rpartition("::")[2]) for it in result.diagnostics] == [("careful", "a")]


def test_an_error_that_the_program_logs_is_shown_and_fails_nothing(bench):
    bench.up('Thing("a")\nThing("old")')
    result = bench.up('Thing("a")\npulumi.log.error("this is wrong")')
    assert "this is wrong" in bench.said(Severity.ERROR)
    assert (result.outcome, list(bench.cloud)) == ("succeeded", ["a-1"])


def test_a_log_of_many_lines(bench):
    bench.up('pulumi.log.warn("one\\ntwo\\n\\nthree")')
    assert bench.said(Severity.WARNING) == ["one\ntwo\n\nthree"]


def test_a_program_runs_in_its_own_folder(bench):
    (bench.program / "beside.py").write_text("VALUE = 7\n")
    result = bench.up(
        'import beside, os, pathlib\npulumi.export("seen", [beside.VALUE, pathlib.Path("Pulumi.yaml").exists()])'
    )
    assert result.outputs == {"seen": [7, True]}


def test_a_program_whose_main_is_elsewhere(bench):
    (bench.program / "Pulumi.yaml").write_text("name: bench\nruntime: python\nmain: infra/\n")
    (bench.program / "infra").mkdir()
    (bench.program / "infra" / "__main__.py").write_text('import pulumi\npulumi.export("x", 1)\n')
    assert bench.up().outputs == {"x": 1}


def test_a_program_that_leaves_a_thread_behind_ends(bench):
    result = bench.up(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nThing('a')"
    )
    assert (result.outcome, result.seconds < 30) == ("succeeded", True)


def test_an_asynchronous_program(bench):
    result = bench.up(
        """
        import asyncio
        async def value():
            await asyncio.sleep(0.05)
            return "late"
        a = Thing("a", value=pulumi.Output.from_input(value()))
        pulumi.export("out", a.out)
        """
    )
    assert (result.outcome, result.outputs) == ("succeeded", {"out": "out-late"})


def test_values_are_read_while_the_program_runs(bench):
    result = bench.up('seen = []\na = Thing("a", value="1")\na.out.apply(lambda it: print(f"made {it}"))')
    assert (result.outcome, "made out-1" in bench.said(Severity.INFO)) == ("succeeded", True)


def test_a_dictionary_of_resources_made_in_a_loop(bench):
    result = bench.up(
        """
        made = {number: Thing(f"t{number}", value=str(number)) for number in range(20)}
        pulumi.export("all", [thing.out for thing in made.values()])
        """
    )
    assert result.outputs == {"all": [f"out-{number}" for number in range(20)]}
    assert set(bench.ops(bench.up()).values()) == {Op.SAME}

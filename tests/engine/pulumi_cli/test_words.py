"""What is typed for the CLI, and what is made of what it says."""

from pathlib import Path

import pytest

from modelyard.engine.base import Deployment, Options
from modelyard.engine.plan import Op
from modelyard.engine.pulumi_cli import arguments, failures, history, wording
from modelyard.errors import DeploymentError, StateError

QUIET = ["--non-interactive", "--color", "never", "--suppress-outputs", "--suppress-progress"]
FILES = ["--stack", "dev", "--config-file", "c.yaml", "--event-log", "e.jsonl"]
ALL = Options(
    targets=("**::a", "**::b"),
    target_dependents=True,
    replace=("**::c",),
    continue_on_error=True,
    refresh=True,
    parallel=3,
    message="why",
)
TARGETS = ["--target", "**::a", "--target", "**::b", "--target-dependents"]
LAST = ["--parallel", "3", "--message", "why", *FILES]
CASES = [
    ("up", False, Options(), ["up", "--yes", "--skip-preview", *QUIET, "--parallel", "16", *FILES]),
    ("up", True, Options(), ["preview", *QUIET, "--parallel", "16", *FILES]),
    ("destroy", True, Options(), ["destroy", "--preview-only", *QUIET, "--parallel", "16", *FILES]),
    (
        "up",
        False,
        ALL,
        [
            "up",
            "--yes",
            "--skip-preview",
            *QUIET,
            *TARGETS,
            "--replace",
            "**::c",
            "--continue-on-error",
            "--refresh",
            *LAST,
        ],
    ),
    (
        "up",
        True,
        ALL,
        ["preview", *QUIET, *TARGETS, "--replace", "**::c", "--refresh", "--parallel", "3", "--message", "why", *FILES],
    ),
    (
        "destroy",
        False,
        ALL,
        ["destroy", "--yes", "--skip-preview", *QUIET, *TARGETS, "--continue-on-error", "--refresh", *LAST],
    ),
    (
        "refresh",
        False,
        ALL,
        ["refresh", "--yes", "--skip-preview", *QUIET, *TARGETS, "--parallel", "3", "--message", "why", *FILES],
    ),
]


@pytest.mark.parametrize(("verb", "preview", "options", "words"), CASES)
def test_words(verb, preview, options, words):
    found = arguments.words(verb, options, preview=preview, stack="dev", config_file="c.yaml", event_log="e.jsonl")
    assert found == words


def deployment(backend: str = "") -> Deployment:
    return Deployment(project="foundation", stack="dev", program=Path(), state=Path("state"), backend=backend)


LOCKED = """error: the stack is currently locked by 1 lock(s). Either wait for the other to end.
  file:///x/.pulumi/locks/y.json: created by ada@laptop (pid 4711) at 2026-11-21T14:55:02Z"""


def test_a_lock_names_its_owner_and_the_way_out():
    error = failures.translated(deployment(), LOCKED)
    assert isinstance(error, StateError)
    assert str(error) == (
        "stack foundation/dev is being changed by ada@laptop (process 4711) since 2026-11-21T14:55:02Z"
    )
    assert error.hint == "wait until it has finished; if it is dead: modelyard cancel foundation --env dev"


SAID = {
    "error: getting stack configuration: get stack secrets manager: incorrect passphrase": (
        StateError,
        "the secrets of stack foundation/dev can't be decrypted: the passphrase is another one, or none was given",
    ),
    "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions": (
        DeploymentError,
        "the Pulumi CLI is not logged in to https://api.pulumi.com",
    ),
    "error: no stack named 'dev' found": (StateError, "the stack foundation/dev has not been deployed"),
    "Updating (dev):\n\nwarning: old\nerror: something new\n  in two lines\n": (
        DeploymentError,
        "the Pulumi CLI failed: something new\n  in two lines",
    ),
    "": (DeploymentError, "the Pulumi CLI failed: it gave no reason"),
}


@pytest.mark.parametrize("said", SAID)
def test_what_the_cli_refuses_is_told_in_our_words(said):
    kind, message = SAID[said]
    error = failures.translated(deployment("https://api.pulumi.com"), said)
    assert (type(error), str(error)) == (kind, message)
    assert error.hint


REWORDED = {
    "Program failed with an unhandled exception:\nTraceback": "the program failed: Traceback",
    "an unhandled error occurred: program exited with non-zero exit code: 3": (
        "the program ended with exit code 3 before it had registered everything"
    ),
    "fake:index:Thing resource 'c': property bad value {1} has a problem: it is bad": (
        "fake:index:Thing resource 'c' has a problem: bad: it is bad"
    ),
    "fake:index:Thing resource 'c': property pw value {map[\n a:b]} has a problem: too long": (
        "fake:index:Thing resource 'c' has a problem: pw: too long"
    ),
    "1 error occurred:\n\t* not now": "not now",
    "something else": "something else",
}


@pytest.mark.parametrize("message", REWORDED)
def test_messages_are_reworded(message):
    assert wording.reworded(message) == REWORDED[message]


def test_a_resource_that_is_no_target_had_no_step():
    message = wording.reworded(
        "Resource 'urn:pulumi:dev::p::t::d' will be destroyed but was not specified in --target list.\nEither include"
    )
    assert message.startswith("urn:pulumi:dev::p::t::d would be deleted, for it needs a target")
    assert not wording.is_about_a_step(message)
    assert wording.is_about_a_step("it is bad")


def test_history_is_numbered_from_the_oldest():
    entries = [
        {
            "version": 0,
            "kind": "destroy",
            "startTime": "2026-11-21T14:00:10.000Z",
            "endTime": "2026-11-21T14:00:12.500Z",
            "message": "away",
            "environment": {"git.author": "ada"},
            "result": "failed",
            "resourceChanges": {"delete": 3, "unheard-of": 1},
        },
        {"version": 0, "kind": "update", "startTime": "2026-11-21T14:00:00.000Z", "result": "succeeded"},
    ]
    newest, oldest = history.updates(entries)
    assert (newest.version, newest.verb, newest.outcome, newest.seconds) == (2, "destroy", "failed", 2.5)
    assert (newest.who, newest.message, newest.changes) == ("ada", "away", {Op.DELETE: 3})
    assert newest.started == 1795269610.0
    assert (oldest.version, oldest.verb, oldest.outcome, oldest.seconds) == (1, "up", "succeeded", 0.0)

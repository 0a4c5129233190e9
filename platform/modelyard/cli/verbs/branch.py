"""`modelyard branch`: a stack for each branch of a model repository."""

import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelyard.cli.options import Choices, Deploying, UpChoices, takes

if TYPE_CHECKING:
    from modelyard.cli.branching.creating import Made
    from modelyard.cli.branching.removing import Removal
    from modelyard.previews.records import BranchStack


class Model(StrEnum):
    """What a branch's endpoint serves."""

    REUSE = "reuse"
    TRAIN = "train"
    SAMPLE = "sample"
    NONE = "none"


Branch = Annotated[str | None, typer.Argument(metavar="[BRANCH]", help="The branch; the checked-out one by default.")]
BranchOption = Annotated[str | None, typer.Option("--branch", help="The same, as an option.")]
CommentFile = Annotated[
    Path | None, typer.Option("--comment-file", metavar="FILE", help="Write a comment for the pull request: Markdown.")
]
PullRequest = Annotated[
    str, typer.Option("--pull-request", metavar="NUMBER", help="The pull request it is for; a tag.")
]
Owner = Annotated[str, typer.Option("--owner", help="Whose it is; by default CI's user, or git's user.email. A tag.")]
ModelOption = Annotated[
    Model | None,
    typer.Option("--model", help="What the endpoint serves: main's model, one trained now, or none; see branch.yaml."),
]
Days = Annotated[int | None, typer.Option("--days", min=1, max=365, help="Days from today.")]
Until = Annotated[str, typer.Option("--until", metavar="DAY", help="The last day, such as 2030-12-31.")]
IfExists = Annotated[bool, typer.Option("--if-exists", help="A branch without a stack is no error.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, and do nothing.")]
Remote = Annotated[
    list[str] | None,
    typer.Option(
        "--remote",
        metavar="NAME|PROJECT=ADDRESS",
        help="The git remote whose branches live: origin by default. Outside of a model's repository, one a project.",
    ),
]


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    branch = typer.Typer(help="Stacks of branches.", no_args_is_help=True)
    for verb in (up, show, extend, down, reap):
        branch.command(verb.__name__)(verb)
    branch.command("list")(list_)
    application.add_typer(branch, name="branch")


@takes(UpChoices, without=("env",))
def up(
    branch: Branch = None,
    branch_option: BranchOption = None,
    comment_file: CommentFile = None,
    pull_request: PullRequest = "",
    owner: Owner = "",
    model: ModelOption = None,
    *,
    choices: UpChoices,
) -> None:
    """Make the branch's own stack, or bring it up to date."""
    from modelyard.cli.branching import creating, stacks

    place = stacks.here(choices)
    name = stacks.named(place, branch, branch_option)
    wanted = creating.Wanted(branch=name, owner=owner, pull_request=pull_request, model=str(model or ""))
    made = creating.make(place, wanted, choices)
    if comment_file is not None:
        _comment(comment_file, made, choices)
    _report(made, choices)


def _comment(path: Path, made: "Made", choices: UpChoices) -> None:
    from modelyard.cli.branching import commenting
    from modelyard.cli.model import branch_session

    commenting.write(path, made, branch_session(made.stack, choices))


def _report(made: "Made", choices: UpChoices) -> None:
    from modelyard.cli import deploy, views

    document = {**made.document, "branch": _entry(made.stack), "usd_per_month": made.budget.usd}
    served = {"serves": made.served.words, "metrics": made.served.metrics, "main_metrics": made.served.main_metrics}
    deploy.finish(made.results, {**document, "model": served} if choices.json else None)
    if made.problem is not None:
        raise made.problem
    if choices.json:
        return
    views.line(
        f"branch {views.escaped(_shown(made.stack))} has the stack {made.stack.stack} until {made.stack.expires}"
    )
    if made.served.words:
        views.line(f"its endpoint serves {views.escaped(made.served.words)}")
    down = f"modelyard branch down {shlex.quote(made.stack.branch)}"
    views.line(f"[dim]next: modelyard pipeline run --env {made.stack.stack}, or {views.escaped(down)}[/dim]")


@takes(Choices, without=("env", "target"))
def list_(*, choices: Choices) -> None:
    """List the branches that have a stack."""
    from modelyard.cli import views
    from modelyard.cli.branching import stacks

    found = stacks.known(stacks.here(choices))
    if choices.json:
        views.document([_entry(it) for it in found])
    elif found:
        columns = ("branch", "stack", "owner", "created", "expires", "pull request")
        rows = [(_shown(it), it.stack, it.owner, it.created, it.expires, it.pull_request) for it in found]
        views.table(columns, rows)
    else:
        views.line("no branch has a stack")
        views.line("[dim]next: modelyard branch up[/dim]")


@takes(Choices, without=("env",))
def show(branch: Branch = None, branch_option: BranchOption = None, *, choices: Choices) -> None:
    """Show what is known of the branch's stack: whose it is, until when, and what it exports."""
    from modelyard import wire
    from modelyard.cli import views
    from modelyard.cli.branching import stacks
    from modelyard.errors import StateError

    place = stacks.here(choices)
    found = stacks.require(place, stacks.named(place, branch, branch_option))
    try:
        outputs: dict[str, Any] = wire.mask(place.backend.outputs(found.title))
    except StateError:
        outputs = {}
    if choices.json:
        views.document({**_entry(found), "outputs": outputs})
        return
    views.fields({**_entry(found), "branch": _shown(found)}, found.title)
    views.fields(outputs, "outputs")


@takes(UpChoices, without=("env",))
def extend(
    branch: Branch = None,
    branch_option: BranchOption = None,
    days: Days = None,
    until: Until = "",
    *,
    choices: UpChoices,
) -> None:
    """Let the branch's stack live longer, or shorter; its resources' tags follow where the branch is checked out."""
    from modelyard.cli import views
    from modelyard.cli.branching import extending, stacks

    place = stacks.here(choices)
    found = stacks.require(place, stacks.named(place, branch, branch_option))
    changed = extending.extend(place, found, extending.last_day(found, days, until), choices)
    if choices.json:
        views.document(_entry(changed))
    else:
        views.line(f"branch {views.escaped(_shown(changed))} has its stack until {changed.expires}")


@takes(Deploying, without=("env", "target_dependents"))
def down(
    branch: Branch = None, branch_option: BranchOption = None, if_exists: IfExists = False, *, choices: Deploying
) -> None:
    """Remove the branch's stack and prove that nothing of it is left; type it again to finish an interrupted one."""
    from modelyard.cli import views
    from modelyard.cli.branching import removing, stacks

    place = stacks.here(choices)
    name = stacks.named(place, branch, branch_option)
    if if_exists and stacks.find(place, name) is None:
        if choices.json:
            views.document({"result": "succeeded", "branch": name, "left": []})
        else:
            views.line(f"branch {views.escaped(name)} has no stack")
        return
    found = stacks.require(place, name)
    removal = next(iter(removing.Removing(place, "branch down", views.warning).remove([found])))
    _report_removal(removal, choices)


def _report_removal(removal: "Removal", choices: Deploying) -> None:
    from modelyard.cli import teardown, views
    from modelyard.cli.deployment_view import as_json
    from modelyard.errors import DeploymentError

    stack = removal.stack
    if choices.json:
        known = as_json(stack.project, stack.stack, removal.result) if removal.result else {"env": stack.stack}
        left = [f"{kind} {name}" for kind, name in removal.left]
        result = "succeeded" if removal.outcome == "removed" else "failed"
        views.document({**known, "result": result, "branch": stack.branch, "reason": removal.reason, "left": left})
    if removal.left and not choices.json:
        teardown.report(list(removal.left))
    if removal.outcome != "removed":
        again = removal.hint or f"modelyard branch down {shlex.quote(stack.branch)}"
        raise DeploymentError(f"{stack.stack} is not gone: {removal.reason}", hint=again)
    if not choices.json:
        views.line(f"nothing of [bold]{views.escaped(_shown(stack))}[/bold] is left: inventory checked by name and tag")


@takes(Deploying, without=("env", "target_dependents", "diff", "event_log"))
def reap(remote: Remote = None, dry_run: DryRun = False, *, choices: Deploying) -> None:
    """Remove the stacks of branches that are gone from the remote, or whose last day is over.

    What somebody is working on is skipped; a lock whose process has provably ended is broken, with a warning. Standing
    in a model's repository its stacks count, elsewhere all models'.
    """
    from dataclasses import replace

    from modelyard.cli import views
    from modelyard.cli.branching import reaping, stacks
    from modelyard.errors import DeploymentError

    place = stacks.here(choices)
    quiet = replace(place, choices=replace(choices, json=True))  # the report tells of all of them
    reaped = reaping.reap(quiet, remote or [], dry=dry_run)
    if choices.json:
        views.document(reaping.document(reaped))
    else:
        reaping.show(reaped)
    if reaped.unfinished:
        raise DeploymentError(f"{len(reaped.unfinished)} stacks are not gone", hint="modelyard branch reap")


def _entry(stack: "BranchStack") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(stack)


def _shown(stack: "BranchStack") -> str:
    from modelyard.previews.branches import shown

    return shown(stack.branch)

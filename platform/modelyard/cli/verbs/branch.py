"""`modelyard branch`: a stack for each branch of a model repository."""

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from modelyard.cli.options import AsJson, Deploying, UpChoices, takes

if TYPE_CHECKING:
    from modelyard.previews.branches import BranchStack

Branch = Annotated[str | None, typer.Argument(metavar="[BRANCH]", help="The branch; the checked-out one by default.")]
BranchOption = Annotated[str | None, typer.Option("--branch", help="The same, as an option.")]


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    branch = typer.Typer(help="Stacks of branches.", no_args_is_help=True)
    branch.command("up")(up)
    branch.command("list")(list_)
    branch.command("down")(down)
    application.add_typer(branch, name="branch")


@takes(UpChoices, without=("env",))
def up(branch: Branch = None, branch_option: BranchOption = None, *, choices: UpChoices) -> None:
    """Make the branch's own stack, or bring it up to date."""
    from modelyard.cli import deploy, views
    from modelyard.cli.model import branch_session, expiring, platform_of
    from modelyard.previews import branches

    name = _branch(branch, branch_option)
    opened = branch_session(name, choices)
    made = branches.record(
        opened.home,
        opened.project.stacks[0].project,
        name,
        platform=platform_of(opened),
        region=opened.settings.region,
    )
    opened = expiring(opened, made)
    if not choices.json:
        views.note(f"branch {name} has the stack {made.stack}")
    deploy.deploy("up", opened, [], lambda engine, it, sink: engine.up(it, sink), start=True)
    if not choices.json:
        down = f"modelyard branch down {shlex.quote(name)}"
        views.line(f"[dim]next: modelyard pipeline run --env {made.stack}, or {views.escaped(down)}[/dim]")


def list_(json: AsJson = False) -> None:
    """List the branches that have a stack."""
    from modelyard import project as projects
    from modelyard.cli import views
    from modelyard.cli.model import require_model
    from modelyard.previews import branches

    found = branches.branch_stacks(projects.home(), require_model().stacks[0].project)
    if json:
        views.document([{"branch": it.branch, "stack": it.stack, "created": it.created} for it in found])
    elif found:
        views.table(("branch", "stack", "created"), [(it.branch, it.stack, it.created) for it in found])
    else:
        views.line("no branch has a stack")
        views.line("[dim]next: modelyard branch up[/dim]")


@takes(Deploying, without=("env", "target_dependents"))
def down(branch: Branch = None, branch_option: BranchOption = None, *, choices: Deploying) -> None:
    """Remove the branch's stack and prove that nothing of it is left."""
    from modelyard import project as projects
    from modelyard.cli import deploy, teardown, views
    from modelyard.cli.backends import backend
    from modelyard.cli.deployment_view import as_json
    from modelyard.cli.engines import check
    from modelyard.cli.model import require_model
    from modelyard.engine.embedded.state.store import StackStore
    from modelyard.errors import DeploymentError
    from modelyard.previews import branches

    found = _known(_branch(branch, branch_option))
    home = projects.home()
    state = deploy.state_folder(home, check(choices))
    target = deploy.cloud_of(choices, home, found.region, start=True)
    store = StackStore(state, found.project, found.stack)
    model = teardown.model_stack(backend(state, choices), found, target)
    name = f"{found.project}/{found.stack}"
    result = teardown.remove(state, name, target, choices, unprotect=False, model=model)
    left = teardown.left_over(model) if result.outcome == "succeeded" else []
    deploy.keep_cloud_of(choices, home)
    if choices.json:
        views.document({**as_json(found.project, found.stack, result), "left": [f"{it[0]} {it[1]}" for it in left]})
    deploy.finish([result], None)
    if left:
        if not choices.json:
            teardown.report(left)
        raise DeploymentError(f"{len(left)} resources of {found.stack} are left", hint="modelyard branch down")
    store.remove()
    branches.forget(home, found)
    (require_model().stacks[0].path / f"Pulumi.{found.stack}.yaml").unlink(missing_ok=True)
    if not choices.json:
        views.line(f"nothing of [bold]{views.escaped(found.branch)}[/bold] is left: inventory checked by name and tag")


def _branch(argument: str | None, option: str | None) -> str:
    """Return the branch that was named, in either way, or the one that is checked out."""
    from modelyard.errors import UsageError

    if argument is not None and option is not None:
        raise UsageError("the branch is named twice", hint="name it once: modelyard branch down NAME")
    given = argument if argument is not None else option
    return _legal(given)


def _legal(given: str | None) -> str:
    from modelyard.cli.model import require_model
    from modelyard.previews import branches

    root = require_model().root
    return branches.check_branch(given) if given is not None else branches.current_branch(root)


def _known(branch: str) -> "BranchStack":
    from modelyard import project as projects
    from modelyard.cli.model import require_model
    from modelyard.errors import UsageError
    from modelyard.previews import branches

    found = branches.find(projects.home(), require_model().stacks[0].project, branch)
    if found is None:
        raise UsageError(f"the branch {branch!r} has no stack", hint="modelyard branch list")
    return found

"""Taking stacks away: dependents first, then what their programs never made, then the proof that nothing is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from modelyard import wire
from modelyard.cli import deploy, views
from modelyard.cli.backends import Backend, backend
from modelyard.cli.options import Choices
from modelyard.engine.base import Result
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError
from modelyard.previews import leftovers, records
from modelyard.previews.leftovers import ModelStack
from modelyard.previews.records import BranchStack
from modelyard.targets import Target


@dataclass(frozen=True)
class Dependents:
    """Which stacks refer to which, by `project/stack`."""

    referring: Mapping[str, set[str]]

    def of(self, name: str) -> list[str]:
        """List the stacks that refer to one, directly or not, each before those it refers to."""
        found: list[str] = []
        for other in sorted(it for it, needed in self.referring.items() if name in needed):
            for deeper in (*self.of(other), other):
                if deeper not in found:
                    found.append(deeper)
        return found


def dependents(known: Backend) -> Dependents:
    """Read from state which stacks refer to which; a stack without resources refers to none."""
    return Dependents({name: known.references(name) for name in known.names()})


def remove(
    state: Path,
    name: str,
    target: Target,
    choices: Choices,
    *,
    unprotect: bool,
    model: ModelStack | None = None,
    sweeping: bool = True,
) -> Result:
    """Destroy one stack and, if it is a model's, all that its jobs left.

    Args:
        state: the backend's folder.
        name: the stack, as `project/stack`.
        target: the cloud.
        choices: the command's options.
        unprotect: whether protected resources go too.
        model: where a model's jobs left their traces; found out from the state when it is not given.
        sweeping: whether those traces go too; a caller that takes many stacks away does that for all of them at once.
    """
    project, stack = name.split("/")
    described = deploy.deployment(state, project, stack, target, choices)
    if getattr(choices, "preview_only", False):
        return deploy.show(
            "preview", described, lambda engine, it, sink: engine.preview(it, sink, verb="destroy"), choices
        )
    if not choices.targets:  # of a stack that stays in part, the jobs stay too
        model = model or _model_of(backend(state, choices), name, target)
    if model is not None:
        leftovers.stop_jobs(model)
    result = deploy.show(
        "destroy", described, lambda engine, it, sink: engine.destroy(it, sink, unprotect=unprotect), choices
    )
    if sweeping and model is not None and result.outcome == "succeeded":
        leftovers.sweep(model, leftovers.ledger([model]))
    return result


def model_stack(known: Backend, branch: BranchStack, target: Target) -> ModelStack:
    """Tell where the jobs of a branch's stack leave their traces."""
    return ModelStack(
        project=branch.project,
        stack=branch.stack,
        bucket=_bucket(known, f"platform/{branch.platform}"),
        capture_bucket=_bucket(known, f"platform/{branch.platform}", "capture"),
        region=branch.region,
        target=target,
    )


def _model_of(known: Backend, name: str, target: Target) -> ModelStack | None:
    project, _, stack = name.partition("/")
    referred = [it for it in known.references(name) if it.startswith("platform/")]
    if not referred or project == "platform":
        return None
    region = wire.reveal(known.outputs(name)).get("region") if name in known.names() else ""
    return ModelStack(
        project=project,
        stack=stack,
        bucket=_bucket(known, referred[0]),
        capture_bucket=_bucket(known, referred[0], "capture"),
        region=region or target.environment.get("AWS_DEFAULT_REGION", ""),
        target=target,
    )


def _bucket(known: Backend, platform: str, word: str = "artifact") -> str:
    try:
        return str(wire.reveal(known.outputs(platform)).get(f"{word}_bucket", ""))
    except StateError:
        return ""  # the platform is gone, and its bucket with it


def report(found: list[tuple[str, str]]) -> None:
    """Write what is left."""
    views.table(("type", "resource"), found)


def forget_branches(home: Path, names: list[str]) -> None:
    """Drop the records, and the empty states, of branch stacks that were destroyed with what they stood on."""
    for name in names:
        project, stack = name.split("/")
        for branch in records.branch_stacks(home, project):
            if branch.stack == stack:
                StackStore(home / deploy.STATE_FOLDER, project, stack).remove()
                records.forget(home, branch)

"""Reading another stack's outputs, as `pulumi.StackReference` asks for them."""

from typing import Any

from modelyard import wire
from modelyard.engine.embedded.run import Run
from modelyard.engine.embedded.state.resource import STACK_REFERENCE_TYPE
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import DeploymentError

_PARTS = 3


def stack_outputs(run: Run, name: str) -> wire.Props:
    """Return the outputs of a stack, and which of them are secret, as `pulumi.StackReference` has them.

    Args:
        run: the deployment that asks.
        name: `organization/project/stack`.

    Raises:
        DeploymentError: the name is not complete, or there is no such stack.
    """
    project, stack = _split(name)
    if run.preview and f"{project}/{stack}" in run.deployment.assumed:
        return _with_names(name, dict(run.deployment.assumed[f"{project}/{stack}"]))
    return _with_names(name, _store(run, project, stack).outputs())


def stack_resources(run: Run, name: str) -> wire.Props:
    """Return what all resources of a stack give out, by their URNs.

    Raises:
        DeploymentError: the name is not complete, or there is no such stack.
    """
    resources = _store(run, *_split(name)).snapshot.resources
    shown = {it.urn: {"type": it.type, "outputs": it.outputs} for it in resources if not it.delete}
    return {"name": name, "outputs": shown}


def _split(name: str) -> tuple[str, str]:
    parts = name.split("/")
    if len(parts) != _PARTS:
        raise DeploymentError(
            f"the stack reference {name!r} is not complete", hint="write it as organization/project/stack"
        )
    return parts[1], parts[2]


def _store(run: Run, project: str, stack: str) -> StackStore:
    store = StackStore(run.store.folder, project, stack)
    if not store.deployed:
        raise DeploymentError(
            f"the stack {project}/{stack} that this program refers to has not been deployed",
            hint=f"modelyard up {project} --env {stack}",
        )
    return store


def _with_names(name: str, outputs: wire.Props) -> wire.Props:
    secret_names = sorted(key for key, value in outputs.items() if wire.has_secret(value))
    return {"name": name, "outputs": outputs, "secretOutputNames": secret_names}


def references(store: StackStore) -> set[str]:
    """List the stacks that a stack's state refers to, each as `project/stack`."""
    names: set[Any] = {
        resource.outputs.get("name") or resource.id
        for resource in store.snapshot.resources
        if resource.type == STACK_REFERENCE_TYPE
    }
    return {str(name).split("/", 1)[1] for name in names if str(name).count("/") == _PARTS - 1}

"""Reading another stack's outputs, as `pulumi.StackReference` asks for them."""

from dataclasses import replace
from typing import Any

from modelyard import wire
from modelyard.engine.embedded.run import Run
from modelyard.engine.embedded.state import STACK_REFERENCE_TYPE, Resource
from modelyard.engine.embedded.store import StackStore
from modelyard.errors import DeploymentError

_PARTS = 3


def read_stack_reference(run: Run, wanted: Resource) -> Resource:
    """Fill in the outputs of the stack that a reference names.

    Args:
        run: the deployment that asks.
        wanted: the reference; its id, or its input `name`, is `organization/project/stack`.

    Raises:
        DeploymentError: the name is not complete, or there is no such stack.
    """
    name = str(wanted.inputs.get("name") or wanted.id)
    parts = name.split("/")
    if len(parts) != _PARTS:
        raise DeploymentError(
            f"the stack reference {name!r} is not complete", hint="write it as organization/project/stack"
        )
    if run.preview and f"{parts[1]}/{parts[2]}" in run.deployment.assumed:
        return _with_outputs(wanted, name, dict(run.deployment.assumed[f"{parts[1]}/{parts[2]}"]))
    store = StackStore(run.store.folder, parts[1], parts[2])
    if not store.deployed:
        raise DeploymentError(
            f"the stack {parts[1]}/{parts[2]} that this program refers to has not been deployed",
            hint=f"modelyard up {parts[1]} --env {parts[2]}",
        )
    return _with_outputs(wanted, name, store.outputs())


def _with_outputs(wanted: Resource, name: str, outputs: wire.Props) -> Resource:
    secret_names = sorted(key for key, value in outputs.items() if wire.has_secret(value))
    return replace(wanted, id=name, outputs={"name": name, "outputs": outputs, "secretOutputNames": secret_names})


def references(store: StackStore) -> set[str]:
    """List the stacks that a stack's state refers to, each as `project/stack`."""
    names: set[Any] = {
        resource.outputs.get("name") or resource.id
        for resource in store.snapshot.resources
        if resource.type == STACK_REFERENCE_TYPE
    }
    return {str(name).split("/", 1)[1] for name in names if str(name).count("/") == _PARTS - 1}

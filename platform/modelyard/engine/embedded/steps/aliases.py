"""What a resource may have been called by earlier programs: by its own aliases, and by its parent's.

Source: `generateAliases` and `inheritedChildAlias` in `pkg/resource/deploy/step_generator.go` of Pulumi.
"""

from collections.abc import Mapping

from modelyard.engine.base import Deployment
from modelyard.engine.embedded.requests.goals import Alias, Goal
from modelyard.engine.embedded.state.resource import ROOT_TYPE, make_urn, urn_name, urn_type


def previous_urns(deployment: Deployment, goal: Goal, used: Mapping[str, str]) -> list[str]:
    """List the URNs that a resource may be found under, its own first.

    Args:
        deployment: names the stack and the project.
        goal: the resource and its aliases.
        used: for each resource that was found under an alias so far, that alias.
    """
    own = [_urn(deployment, goal, alias, used) for alias in goal.aliases]
    inherited = []
    parent = goal.resource.parent
    if parent in used:
        known = [(goal.resource.type, goal.resource.name), *((urn_type(urn), urn_name(urn)) for urn in own)]
        inherited = [_inherited(deployment, type_, name, parent, used[parent]) for type_, name in known]
    return list(dict.fromkeys([goal.resource.urn, *own, *inherited]))


def _urn(deployment: Deployment, goal: Goal, alias: Alias, used: Mapping[str, str]) -> str:
    if alias.urn:
        return alias.urn
    parent = used.get(alias.parent, alias.parent) or goal.resource.parent
    return make_urn(
        alias.stack or deployment.stack,
        alias.project or deployment.project,
        "" if alias.no_parent or (parent and urn_type(parent) == ROOT_TYPE) else parent,
        alias.type or goal.resource.type,
        alias.name or goal.resource.name,
    )


def _inherited(deployment: Deployment, type_: str, name: str, parent: str, parent_alias: str) -> str:
    """Name a child as it was under its parent's old name; a name that begins with the parent's begins with the old."""
    if name.startswith(urn_name(parent)):
        name = urn_name(parent_alias) + name.removeprefix(urn_name(parent))
    return make_urn(deployment.stack, deployment.project, parent_alias, type_, name)

"""What a program wants of one resource."""

from dataclasses import dataclass

from modelyard.engine.embedded.state.resource import Resource


@dataclass(frozen=True, kw_only=True)
class Alias:
    """What a resource may have been called before; a field that is empty is as it is now.

    Args:
        urn: the whole URN; the other fields are not looked at then.
        no_parent: whether it had no parent.
    """

    urn: str = ""
    name: str = ""
    type: str = ""
    parent: str = ""
    no_parent: bool = False
    project: str = ""
    stack: str = ""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A resource as the program wants it.

    Args:
        resource: what to make of it; without id and outputs.
        aliases: what it may have been called before.
        delete_before_replace: the program's word on the order of a replacement, if any.
        reports_results: whether the program understands that a resource failed while the deployment goes on.
    """

    resource: Resource
    aliases: tuple[Alias, ...] = ()
    delete_before_replace: bool | None = None
    reports_results: bool = False

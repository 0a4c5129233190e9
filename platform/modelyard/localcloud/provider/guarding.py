"""The guard before each delete: what a branch's stack deletes has to carry that stack's own tags.

A branch's stack comes and goes by machines, so that nobody looks before it deletes. On AWS the same is a condition of
the role that does it.
"""

from modelyard.localcloud.provider.configuration import Configuration
from modelyard.localcloud.provider.errors import ProviderError, found
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.naming import NONE
from modelyard.wire import Props

_PROJECT, _STACK, _BRANCH = (f"modelyard:{word}" for word in ("project", "environment", "branch"))


def refuse_foreign(resource: ResourceType, aws: Session, resource_id: str, state: Props, config: Configuration) -> None:
    """Refuse to delete what isn't the branch stack's own; other stacks delete what their state says.

    What has none of the tags, as where its creation was cut short, is known by its name.

    Args:
        resource: its type.
        aws: access to the cloud.
        resource_id: its identifier.
        state: its outputs, as the stack's state has them.
        config: the provider's configuration, whose default tags say which stack this is.

    Raises:
        ProviderError: it is somebody else's.
    """
    own = {key: config.default_tags.get(key, "") for key in (_PROJECT, _STACK, _BRANCH)}
    if own[_BRANCH] in ("", NONE) or not resource.taggable:
        return
    tags = _live_tags(resource, aws, resource_id, state)
    if tags is None:
        return
    known = {key: tags[key] for key in own if key in tags}
    if not known and f"{own[_PROJECT]}-{own[_STACK]}-" in f"{resource_id}-":
        return
    if known == own:
        return
    theirs = "/".join(known.get(key, "?") for key in (_PROJECT, _STACK)) if known else "no stack's"
    raise ProviderError(
        f"refusing to delete {resource.pulumi_type} {resource_id}: its tags say that it is {theirs}, "
        f"not {own[_PROJECT]}/{own[_STACK]}",
        hint=f"look whose it is; modelyard state delete takes it out of the state of {own[_STACK]}",
    )


def _live_tags(resource: ResourceType, aws: Session, resource_id: str, state: Props) -> dict[str, str] | None:
    """Return the tags that it has now; None where it is gone."""
    live = resource.read(aws, resource_id, state)
    if live is None:
        return None
    if resource.tagging is None:
        return dict(live.get("tagsAll") or {})
    target = (live | {"id": resource_id}).get(resource.tag_target)
    tags: dict[str, str] | None = found(resource.tagging.read, aws=aws, resource=target)
    return tags

"""`aws:codebuild/project:Project`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import Tags, own_tags, to_pairs
from modelyard.wire import Props

_RENAMED = {"buildTimeout": "timeoutInMinutes", "queuedTimeout": "queuedTimeoutInMinutes"}
_NO_CACHE = {"type": "NO_CACHE"}
_NO_LIMIT = -1


class _ProjectTags:
    """Tags that are part of the project, read and written with it."""

    def read(self, aws: Session, resource: str) -> dict[str, str]:
        """Return a project's tags."""
        found = aws.client("codebuild").batch_get_projects(names=[resource])["projects"]
        return own_tags({tag["key"]: tag["value"] for tag in found[0].get("tags", [])}) if found else {}

    def write(self, aws: Session, resource: str, old: Tags, new: Tags) -> None:
        """Replace a project's tags."""
        if dict(old) != dict(new):
            aws.client("codebuild").update_project(name=_name(resource), tags=to_pairs(new, "key", "value"))


class Project(ResourceType):
    """A project that builds, or does any work that a shell does."""

    pulumi_type = "aws:codebuild/project:Project"
    client = "codebuild"
    name_property = "name"
    name_limit = 150
    tagging = _ProjectTags()
    defaults: ClassVar = {
        "badgeEnabled": False,
        "buildTimeout": 60,
        "projectVisibility": "PRIVATE",
        "queuedTimeout": 480,
    }
    names: ClassVar = _RENAMED
    chosen = frozenset(
        {"environment.environmentVariables.type", "environment.imagePullCredentialsType", "environment.privilegedMode"}
    )
    volatile = frozenset({"badgeUrl", "publicProjectAlias"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the project; it is known by its ARN."""
        made = self.call(aws, "create_project", **self.request(aws, "create_project", inputs))
        return str(made["project"]["arn"])

    def import_id(self, aws: Session, resource_id: str) -> str:
        """A project is imported by its name."""
        return resource_id if resource_id.startswith("arn:") else aws.arn("codebuild", f"project/{resource_id}")

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the project."""
        found = self.call(aws, "batch_get_projects", names=[_name(resource_id)])["projects"]
        if not found:
            return None
        badge = found[0].get("badge", {})
        props = {**self.properties(found[0]), "arn": resource_id, "badgeEnabled": bool(badge.get("badgeEnabled"))}
        if props.get("cache") == _NO_CACHE and not state.get("cache"):
            del props["cache"]  # what AWS says of a project that was never told of one
        return props

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Send all that the program gives, where something of it changed."""
        before, after = (self.request(aws, "update_project", props) for props in (old, new))
        for parameters in (before, after):
            parameters.pop("tags", None)
        if "vpcConfig" in before and "vpcConfig" not in after:
            after["vpcConfig"] = {}
        if "concurrentBuildLimit" in before and "concurrentBuildLimit" not in after:
            after["concurrentBuildLimit"] = _NO_LIMIT
        if before != after:
            self.call(aws, "update_project", **{**after, "name": _name(resource_id)})

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the project with its builds."""
        self.find(aws, "delete_project", name=_name(resource_id))

    def list(self, aws: Session) -> Iterator[str]:
        """List the ARNs."""
        for name in self.pages(aws, "list_projects", "projects"):
            yield aws.arn("codebuild", f"project/{name}")


def _name(resource_id: str) -> Any:
    return resource_id.rpartition("/")[2]


RESOURCE = Project()

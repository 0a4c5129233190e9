"""`aws:iam/instanceProfile:InstanceProfile`."""

from collections.abc import Iterator
from typing import ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import Tags, changes, from_pairs, own_tags, to_pairs
from modelyard.localcloud.provider.translate import scalar
from modelyard.wire import Props


class ProfileTags:
    """The dialect of instance profiles: they are described with their tags."""

    def read(self, aws: Session, resource: str) -> dict[str, str]:
        """Return all tags of a profile, those that AWS itself put there left out."""
        answer = aws.client("iam").get_instance_profile(InstanceProfileName=resource)
        return own_tags(from_pairs(answer["InstanceProfile"].get("Tags")))

    def write(self, aws: Session, resource: str, old: Tags, new: Tags) -> None:
        """Make the tags of a profile the new ones, given the old ones."""
        added, removed = changes(old, new)
        if removed:
            aws.client("iam").untag_instance_profile(InstanceProfileName=resource, TagKeys=removed)
        if added:
            aws.client("iam").tag_instance_profile(InstanceProfileName=resource, Tags=to_pairs(added))


class InstanceProfile(ResourceType):
    """What hands a role to an instance."""

    pulumi_type = "aws:iam/instanceProfile:InstanceProfile"
    client = "iam"
    name_property = "name"
    name_limit = 128
    tagging = ProfileTags()
    tag_target = "name"
    defaults: ClassVar = {"path": "/"}
    names: ClassVar = {"name": "InstanceProfileName"}
    replace = frozenset({"namePrefix", "path"})
    unread = frozenset({"namePrefix"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the profile; it is known by its name."""
        self.call(aws, "create_instance_profile", **self.request(aws, "create_instance_profile", inputs))
        return str(inputs["name"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Put the role in."""
        self.update(aws, resource_id, {}, inputs)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the profile and its role."""
        answer = self.find(aws, "get_instance_profile", InstanceProfileName=resource_id)
        if answer is None:
            return None
        profile = answer["InstanceProfile"]
        return {
            "arn": profile["Arn"],
            "createDate": scalar(profile["CreateDate"]),
            "name": resource_id,
            "path": profile["Path"],
            "role": profile["Roles"][0]["RoleName"] if profile["Roles"] else "",
            "uniqueId": profile["InstanceProfileId"],
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put another role in place of the one it has."""
        before, after = old.get("role") or "", new.get("role") or ""
        if before and before != after:
            operation = "remove_role_from_instance_profile"
            self.find(aws, operation, InstanceProfileName=resource_id, RoleName=before)
        if after and before != after:
            self.call(aws, "add_role_to_instance_profile", InstanceProfileName=resource_id, RoleName=after)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Take the role out and delete the profile."""
        found = self.read(aws, resource_id, {})
        if found is not None:
            self.update(aws, resource_id, found, {})
            self.find(aws, "delete_instance_profile", InstanceProfileName=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for profile in self.pages(aws, "list_instance_profiles", "InstanceProfiles"):
            yield str(profile["InstanceProfileName"])


RESOURCE = InstanceProfile()

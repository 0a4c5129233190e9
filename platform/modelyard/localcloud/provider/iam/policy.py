"""`aws:iam/policy:Policy`."""

import json
from collections.abc import Iterator
from typing import ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props

_MOST_VERSIONS = 5


class Policy(ResourceType):
    """A policy of its own, which roles share."""

    pulumi_type = "aws:iam/policy:Policy"
    client = "iam"
    name_property = "name"
    name_limit = 128
    tagging = TagOperations("iam", "list_policy_tags", "tag_policy", "untag_policy", resource="PolicyArn")
    defaults: ClassVar = {"path": "/"}
    names: ClassVar = {"name": "PolicyName", "policy": "PolicyDocument"}
    replace = frozenset({"description", "namePrefix", "path"})
    json_properties = frozenset({"policy"})
    unread = frozenset({"delayAfterPolicyCreationInMs", "namePrefix"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the policy; it is known by its ARN."""
        return str(self.call(aws, "create_policy", **self.request(aws, "create_policy", inputs))["Policy"]["Arn"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the policy and its document."""
        answer = self.find(aws, "get_policy", PolicyArn=resource_id)
        if answer is None:
            return None
        policy = answer["Policy"]
        current = {"PolicyArn": resource_id, "VersionId": policy["DefaultVersionId"]}
        document = self.call(aws, "get_policy_version", **current)["PolicyVersion"]["Document"]
        return {
            "arn": resource_id,
            "attachmentCount": policy.get("AttachmentCount", 0),
            "description": policy.get("Description", ""),
            "name": policy["PolicyName"],
            "path": policy["Path"],
            "policy": document if isinstance(document, str) else json.dumps(document, separators=(",", ":")),
            "policyId": policy["PolicyId"],
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Make another version of the document the one that holds; the oldest goes when there are five."""
        if self.same("policy", old.get("policy"), new["policy"]):
            return
        others = _other_versions(self, aws, resource_id)
        if len(others) >= _MOST_VERSIONS - 1:
            self.call(aws, "delete_policy_version", PolicyArn=resource_id, VersionId=others[0])
        document = {"PolicyDocument": new["policy"], "SetAsDefault": True}
        self.call(aws, "create_policy_version", PolicyArn=resource_id, **document)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the policy with all its versions."""
        if self.find(aws, "get_policy", PolicyArn=resource_id) is None:
            return
        for version in _other_versions(self, aws, resource_id):
            self.find(aws, "delete_policy_version", PolicyArn=resource_id, VersionId=version)
        self.find(aws, "delete_policy", PolicyArn=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the ARNs, those of AWS's own policies left out."""
        for policy in self.pages(aws, "list_policies", "Policies", Scope="Local"):
            yield str(policy["Arn"])


def _other_versions(resource: ResourceType, aws: Session, arn: str) -> list[str]:
    """Return the versions that don't hold, oldest first."""
    versions = resource.pages(aws, "list_policy_versions", "Versions", PolicyArn=arn)
    others = [str(version["VersionId"]) for version in versions if not version["IsDefaultVersion"]]
    return sorted(others, key=lambda version: int(version.removeprefix("v")))


RESOURCE = Policy()

"""`aws:iam/role:Role`."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.documents import same_document
from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.localcloud.provider.translate import scalar
from modelyard.wire import Props

_DETAILS = ("description", "maxSessionDuration")
_NO_POLICIES: Props = {"managedPolicyArns": [], "inlinePolicies": []}


class Role(ResourceType):
    """An identity that services and people take on."""

    pulumi_type = "aws:iam/role:Role"
    client = "iam"
    name_property = "name"
    name_limit = 64
    tagging = TagOperations("iam", "list_role_tags", "tag_role", "untag_role", resource="RoleName")
    tag_target = "name"
    defaults: ClassVar = {"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"}
    names: ClassVar = {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument", "uniqueId": "RoleId"}
    replace = frozenset({"namePrefix", "path"})
    json_properties = frozenset({"assumeRolePolicy"})
    unordered = frozenset({"managedPolicyArns"})
    unread = frozenset({"forceDetachPolicies", "namePrefix"})

    def same(self, name: str, old: Any, new: Any) -> bool:
        """Inline policies are the same whatever their order and the form of their documents."""
        if name == "inlinePolicies" and isinstance(old, list) and isinstance(new, list):
            before, after = ({item["name"]: item.get("policy") for item in items if item} for items in (old, new))
            return before.keys() == after.keys() and all(same_document(before[key], after[key]) for key in before)
        return super().same(name, old, new)

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the role; it is known by its name."""
        self.call(aws, "create_role", **self.request(aws, "create_role", inputs))
        return str(inputs["name"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Attach and put the policies that are given inside the role."""
        self._policies(aws, resource_id, {}, inputs)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the role and its policies."""
        answer = self.find(aws, "get_role", RoleName=resource_id)
        if answer is None:
            return None
        role = answer["Role"]
        attached = self.pages(aws, "list_attached_role_policies", "AttachedPolicies", RoleName=resource_id)
        return {
            "name": resource_id,
            "arn": role["Arn"],
            "assumeRolePolicy": json.dumps(role["AssumeRolePolicyDocument"], separators=(",", ":")),
            "createDate": scalar(role["CreateDate"]),
            "description": role.get("Description", ""),
            "inlinePolicies": self._inline(aws, resource_id),
            "managedPolicyArns": [policy["PolicyArn"] for policy in attached],
            "maxSessionDuration": role.get("MaxSessionDuration", self.defaults["maxSessionDuration"]),
            "path": role["Path"],
            "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
            "uniqueId": role["RoleId"],
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change the trust, the details, the boundary and the policies inside the role."""
        if not self.same("assumeRolePolicy", old.get("assumeRolePolicy"), new["assumeRolePolicy"]):
            document = new["assumeRolePolicy"]
            self.call(aws, "update_assume_role_policy", RoleName=resource_id, PolicyDocument=document)
        if any((old.get(name) or None) != (new.get(name) or None) for name in _DETAILS):
            details = {"Description": new.get("description") or "", "MaxSessionDuration": new["maxSessionDuration"]}
            self.call(aws, "update_role", RoleName=resource_id, **details)
        boundary = new.get("permissionsBoundary") or ""
        if boundary != (old.get("permissionsBoundary") or ""):
            self._bound(aws, resource_id, boundary)
        self._policies(aws, resource_id, old, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the role with the policies given inside it; with `forceDetachPolicies` all others too."""
        if self.find(aws, "get_role", RoleName=resource_id) is None:
            return
        if state.get("forceDetachPolicies") or state.get("inlinePolicies") or state.get("managedPolicyArns"):
            self._policies(aws, resource_id, self.read(aws, resource_id, {}) or {}, _NO_POLICIES)
        self.find(aws, "delete_role", RoleName=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the names, those of roles that belong to AWS's services left out."""
        for role in self.pages(aws, "list_roles", "Roles"):
            if not role["Path"].startswith("/aws-service-role/"):
                yield str(role["RoleName"])

    def _inline(self, aws: Session, name: str) -> Any:
        names = sorted(self.pages(aws, "list_role_policies", "PolicyNames", RoleName=name))
        answers = [self.call(aws, "get_role_policy", RoleName=name, PolicyName=policy) for policy in names]
        return [{"name": a["PolicyName"], "policy": json.dumps(a["PolicyDocument"])} for a in answers]

    def _bound(self, aws: Session, name: str, boundary: str) -> None:
        if boundary:
            self.call(aws, "put_role_permissions_boundary", RoleName=name, PermissionsBoundary=boundary)
        else:
            self.call(aws, "delete_role_permissions_boundary", RoleName=name)

    def _policies(self, aws: Session, name: str, old: Props, new: Props) -> None:
        if "managedPolicyArns" in new:
            before, after = set(old.get("managedPolicyArns") or []), set(new["managedPolicyArns"] or [])
            for arn in sorted(before - after):
                self.find(aws, "detach_role_policy", RoleName=name, PolicyArn=arn)
            for arn in sorted(after - before):
                self.call(aws, "attach_role_policy", RoleName=name, PolicyArn=arn)
        if "inlinePolicies" in new and not self.same(
            "inlinePolicies", old.get("inlinePolicies"), new["inlinePolicies"]
        ):
            self._put_inline(aws, name, old.get("inlinePolicies") or [], new["inlinePolicies"] or [])

    def _put_inline(self, aws: Session, name: str, old: Any, new: Any) -> None:
        for policy in {item["name"] for item in old if item} - {item["name"] for item in new if item}:
            self.find(aws, "delete_role_policy", RoleName=name, PolicyName=policy)
        for item in new:
            if not item or "name" not in item:
                raise ProviderError(f"{self.pulumi_type} ({name}): an inline policy needs a name", hint="give it one")
            self.call(aws, "put_role_policy", RoleName=name, PolicyName=item["name"], PolicyDocument=item["policy"])


RESOURCE = Role()

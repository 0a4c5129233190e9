"""`aws:iam/rolePolicy:RolePolicy`."""

import json
from collections.abc import Iterator

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class RolePolicy(ResourceType):
    """What one role may do."""

    pulumi_type = "aws:iam/rolePolicy:RolePolicy"
    client = "iam"
    name_property = "name"
    name_limit = 128
    replace = frozenset({"namePrefix", "role"})
    json_properties = frozenset({"policy"})
    unread = frozenset({"namePrefix"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the policy; it is known by its role and name."""
        self._put(aws, inputs)
        return f"{inputs['role']}:{inputs['name']}"

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the policy."""
        role, _, name = resource_id.partition(":")
        answer = self.find(aws, "get_role_policy", RoleName=role, PolicyName=name)
        if answer is None:
            return None
        return {"role": role, "name": name, "policy": json.dumps(answer["PolicyDocument"], separators=(",", ":"))}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the policy anew."""
        self._put(aws, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the policy."""
        role, _, name = resource_id.partition(":")
        self.find(aws, "delete_role_policy", RoleName=role, PolicyName=name)

    def list(self, aws: Session) -> Iterator[str]:
        """List the policies of all roles that do not belong to AWS's services."""
        for role in self.pages(aws, "list_roles", "Roles"):
            if not role["Path"].startswith("/aws-service-role/"):
                for name in self.pages(aws, "list_role_policies", "PolicyNames", RoleName=role["RoleName"]):
                    yield f"{role['RoleName']}:{name}"

    def _put(self, aws: Session, props: Props) -> None:
        named = {"RoleName": props["role"], "PolicyName": props["name"]}
        self.call(aws, "put_role_policy", **named, PolicyDocument=props["policy"])


RESOURCE = RolePolicy()

"""`aws:iam/rolePolicyAttachment:RolePolicyAttachment`."""

from collections.abc import Iterator

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class RolePolicyAttachment(ResourceType):
    """A policy that a role has."""

    pulumi_type = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    client = "iam"
    immutable = True
    delete_before_replace = True

    def create(self, aws: Session, inputs: Props) -> str:
        """Attach the policy; the attachment is known by its role and policy."""
        self.call(aws, "attach_role_policy", RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return f"{inputs['role']}/{inputs['policyArn']}"

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Find the policy among those of the role."""
        role, _, arn = resource_id.partition("/")
        if self.find(aws, "get_role", RoleName=role) is None:
            return None
        attached = self.pages(aws, "list_attached_role_policies", "AttachedPolicies", RoleName=role)
        return {"role": role, "policyArn": arn} if arn in [policy["PolicyArn"] for policy in attached] else None

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Detach the policy."""
        role, _, arn = resource_id.partition("/")
        self.find(aws, "detach_role_policy", RoleName=role, PolicyArn=arn)

    def list(self, aws: Session) -> Iterator[str]:
        """List the attachments of all roles that do not belong to AWS's services."""
        for role in self.pages(aws, "list_roles", "Roles"):
            if not role["Path"].startswith("/aws-service-role/"):
                name = role["RoleName"]
                for policy in self.pages(aws, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
                    yield f"{name}/{policy['PolicyArn']}"


RESOURCE = RolePolicyAttachment()

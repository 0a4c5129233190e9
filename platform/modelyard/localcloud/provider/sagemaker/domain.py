"""`aws:sagemaker/domain:Domain`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import NamedResource
from modelyard.localcloud.provider.sagemaker import TAGS, is_ready
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class Domain(NamedResource):
    """A SageMaker Studio domain: the workspace of a team."""

    pulumi_type = "aws:sagemaker/domain:Domain"
    client = "sagemaker"
    noun = "domain"
    listing = "Domains"
    identifier = "DomainId"
    name_property = "domainName"
    tagging = TAGS
    updatable = True
    defaults: ClassVar = {"appNetworkAccessType": "PublicInternetOnly"}
    names: ClassVar = {"arn": "DomainArn"}
    replace = frozenset({"authMode", "kmsKeyId", "vpcId"})
    unordered = frozenset({"subnetIds"})
    unread = frozenset({"retentionPolicy"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the domain; it is known by an identifier that AWS gives."""
        answer = self.call(aws, "create_domain", **self.request(aws, "create_domain", inputs))
        return str(answer["DomainArn"].rpartition("/")[2])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Wait until the domain is in service."""
        self._wait(aws, resource_id)

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change the settings."""
        settings = ("appNetworkAccessType", "appSecurityGroupManagement", "defaultSpaceSettings", "defaultUserSettings")
        changed = {name: new[name] for name in (*settings, "subnetIds", "tagPropagation") if name in new}
        changed = {name: value for name, value in changed.items() if not self.same(name, old.get(name), value)}
        parameters = self.request(aws, "update_domain", changed)
        if new.get("domainSettings") != old.get("domainSettings"):
            renamed = {"domainSettingsForUpdate": new.get("domainSettings") or {}}
            parameters |= self.request(aws, "update_domain", renamed)
        if parameters:
            self.call(aws, "update_domain", DomainId=resource_id, **parameters)
        self._wait(aws, resource_id)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the domain, its home file system too when the retention policy says so."""
        policy = state.get("retentionPolicy") or {}
        retention = {"RetentionPolicy": {"HomeEfsFileSystem": policy.get("homeEfsFileSystem") or "Retain"}}
        self.find(aws, "delete_domain", DomainId=resource_id, **retention)
        aws.wait(lambda: self._describe(aws, resource_id) is None, f"the end of domain {resource_id}")

    def _describe(self, aws: Session, domain_id: str) -> Any:
        return self.find(aws, "describe_domain", DomainId=domain_id)

    def _wait(self, aws: Session, domain_id: str) -> None:
        what = f"domain {domain_id}"
        aws.wait(lambda: is_ready(self._describe(aws, domain_id), "Status", "InService", what), what)


RESOURCE = Domain()

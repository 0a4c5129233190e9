"""`aws:secretsmanager/secretVersion:SecretVersion`."""

import base64
from collections.abc import Iterator
from typing import Any

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_CURRENT = "AWSCURRENT"


class SecretVersion(ResourceType):
    """A value of a secret; the current one stays until its secret goes, as with the real provider."""

    pulumi_type = "aws:secretsmanager/secretVersion:SecretVersion"
    client = "secretsmanager"
    replace = frozenset({"secretBinary", "secretId", "secretString"})
    unread = frozenset({"secretStringWoVersion"})

    def refusals(self, inputs: Props) -> Iterator[tuple[str, str]]:
        """A version has one value."""
        if inputs.get("secretStringWo") is not None:
            yield "secretStringWo", "is not kept by the local cloud; give secretString"

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the value; the version is known by its secret and identifier."""
        value: dict[str, Any] = {"SecretString": inputs.get("secretString") or ""}
        if inputs.get("secretBinary"):
            value = {"SecretBinary": base64.b64decode(inputs["secretBinary"])}
        stages = {"VersionStages": inputs["versionStages"]} if inputs.get("versionStages") else {}
        answer = self.call(aws, "put_secret_value", SecretId=inputs["secretId"], **value, **stages)
        return f"{answer['ARN']}|{answer['VersionId']}"

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the value; that of a secret which awaits its deletion is gone."""
        arn, _, version = resource_id.partition("|")
        secret = self.find(aws, "describe_secret", SecretId=arn)
        if secret is None or secret.get("DeletedDate") or version not in (secret.get("VersionIdsToStages") or {}):
            return None
        answer = self.call(aws, "get_secret_value", SecretId=arn, VersionId=version)
        found = {
            "arn": arn,
            "secretArn": arn,
            "secretId": state.get("secretId") or arn,
            "versionId": version,
            "versionStages": sorted(secret["VersionIdsToStages"][version]),
        }
        if "SecretBinary" in answer:
            return {**found, "secretBinary": base64.b64encode(answer["SecretBinary"]).decode()}
        return {**found, "secretString": answer["SecretString"]}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Move the stages that the program names."""
        arn, _, version = resource_id.partition("|")
        before, after = set(old.get("versionStages") or []), set(new.get("versionStages") or [])
        for stage in sorted(after - before):
            self.call(aws, "update_secret_version_stage", SecretId=arn, VersionStage=stage, MoveToVersionId=version)
        for stage in sorted(before - after - {_CURRENT}):
            where = {"SecretId": arn, "VersionStage": stage, "RemoveFromVersionId": version}
            self.call(aws, "update_secret_version_stage", **where)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Take away all stages but the current one, which AWS keeps until the secret goes."""
        found = self.read(aws, resource_id, {})
        if found is not None:
            self.update(aws, resource_id, found, {"versionStages": [_CURRENT]} if _is_current(found) else {})

    def list(self, aws: Session) -> Iterator[str]:
        """List the versions of all secrets that have a stage."""
        for secret in self.pages(aws, "list_secrets", "SecretList"):
            for version in [] if secret.get("DeletedDate") else secret.get("SecretVersionsToStages") or {}:
                yield f"{secret['ARN']}|{version}"


def _is_current(found: Props) -> bool:
    return _CURRENT in found["versionStages"]


RESOURCE = SecretVersion()

"""`aws:iam/openIdConnectProvider:OpenIdConnectProvider`."""

from collections.abc import Iterator
from typing import Any

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props


class OpenIdConnectProvider(ResourceType):
    """An issuer of tokens that the account trusts."""

    pulumi_type = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    client = "iam"
    tagging = TagOperations(
        "iam",
        "list_open_id_connect_provider_tags",
        "tag_open_id_connect_provider",
        "untag_open_id_connect_provider",
        resource="OpenIDConnectProviderArn",
    )
    replace = frozenset({"url"})
    unordered = frozenset({"clientIdLists"})

    def same(self, name: str, old: Any, new: Any) -> bool:
        """An address is the same with and without its scheme, as IAM keeps it without."""
        if name == "url" and isinstance(old, str) and isinstance(new, str):
            return old.removeprefix("https://") == new.removeprefix("https://")
        return super().same(name, old, new)

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the provider; it is known by its ARN."""
        parameters = {
            "Url": inputs["url"],
            "ClientIDList": inputs["clientIdLists"],
            "ThumbprintList": inputs.get("thumbprintLists") or [],
            "Tags": [{"Key": key, "Value": value} for key, value in (inputs.get("tagsAll") or {}).items()],
        }
        answer = self.call(aws, "create_open_id_connect_provider", **parameters)
        return str(answer["OpenIDConnectProviderArn"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the provider."""
        answer = self.find(aws, "get_open_id_connect_provider", OpenIDConnectProviderArn=resource_id)
        if answer is None:
            return None
        return {
            "arn": resource_id,
            "clientIdLists": answer.get("ClientIDList") or [],
            "thumbprintLists": answer.get("ThumbprintList") or [],
            "url": answer["Url"].removeprefix("https://"),
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change whom its tokens are for, and its certificates' thumbprints."""
        known = {"OpenIDConnectProviderArn": resource_id}
        before, after = set(old.get("clientIdLists") or []), set(new["clientIdLists"])
        for client in sorted(after - before):
            self.call(aws, "add_client_id_to_open_id_connect_provider", ClientID=client, **known)
        for client in sorted(before - after):
            self.call(aws, "remove_client_id_from_open_id_connect_provider", ClientID=client, **known)
        prints = new.get("thumbprintLists")
        if prints and prints != old.get("thumbprintLists"):
            self.call(aws, "update_open_id_connect_provider_thumbprint", ThumbprintList=prints, **known)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the provider."""
        self.find(aws, "delete_open_id_connect_provider", OpenIDConnectProviderArn=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the ARNs."""
        for provider in self.pages(aws, "list_open_id_connect_providers", "OpenIDConnectProviderList"):
            yield str(provider["Arn"])


RESOURCE = OpenIdConnectProvider()

"""`aws:glue/catalogDatabase:CatalogDatabase`."""

import string
from collections.abc import Iterator
from typing import Any

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props


class CatalogDatabase(ResourceType):
    """A database of the data catalog."""

    pulumi_type = "aws:glue/catalogDatabase:CatalogDatabase"
    client = "glue"
    name_property = "name"
    name_limit = 255
    name_separator = "_"
    name_alphabet = string.ascii_lowercase
    name_random = 8
    lower_case_name = True
    tagging = TagOperations("glue", "get_tags", resource="ResourceArn", tags="Tags", keys="TagsToRemove", key="")
    replace = frozenset({"catalogId"})
    unread = frozenset({"createTableDefaultPermissions", "federatedDatabase"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the database; it is known by its catalog and name."""
        catalog = inputs.get("catalogId") or aws.account_id
        tags = {"Tags": inputs["tagsAll"]} if inputs.get("tagsAll") else {}
        self.call(aws, "create_database", CatalogId=catalog, DatabaseInput=self._shaped(aws, inputs), **tags)
        return f"{catalog}:{inputs['name']}"

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the database."""
        catalog, _, name = resource_id.partition(":")
        answer = self.find(aws, "get_database", CatalogId=catalog, Name=name)
        if answer is None:
            return None
        found = {key: value for key, value in answer["Database"].items() if key != "CreateTableDefaultPermissions"}
        own = {"name": name, "catalogId": catalog, "arn": aws.arn("glue", f"database/{name}")}
        return {**self.properties(found), **own}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change all that the program gives."""
        catalog, _, name = resource_id.partition(":")
        before, after = self._shaped(aws, {**old, "name": name}), self._shaped(aws, {**new, "name": name})
        if before != after:
            self.call(aws, "update_database", CatalogId=catalog, Name=name, DatabaseInput=after)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the database with its tables."""
        catalog, _, name = resource_id.partition(":")
        self.find(aws, "delete_database", CatalogId=catalog, Name=name)

    def list(self, aws: Session) -> Iterator[str]:
        """List the databases of the account's catalog; SageMaker's own, made with a feature group, is nobody's."""
        for database in self.pages(aws, "get_databases", "DatabaseList"):
            if database["Name"] != "sagemaker_featurestore":
                yield f"{aws.account_id}:{database['Name']}"

    def _shaped(self, aws: Session, props: Props) -> dict[str, Any]:
        shaped: dict[str, Any] = self.request(aws, "create_database", {"databaseInput": props})["DatabaseInput"]
        return shaped


RESOURCE = CatalogDatabase()

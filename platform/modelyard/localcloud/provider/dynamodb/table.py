"""`aws:dynamodb/table:Table`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.localcloud.provider.translate import scalar
from modelyard.wire import Props

_REFUSED = (
    "globalTableWitness",
    "importTable",
    "onDemandThroughput",
    "replicas",
    "restoreBackupArn",
    "restoreDateTime",
    "restoreSourceName",
    "restoreSourceTableArn",
    "restoreToLatestTime",
    "warmThroughput",
)


class Table(ResourceType):
    """A table of items under a key."""

    pulumi_type = "aws:dynamodb/table:Table"
    client = "dynamodb"
    name_property = "name"
    name_limit = 255
    tagging = TagOperations("dynamodb", "list_tags_of_resource", resource="ResourceArn")
    defaults: ClassVar = {"billingMode": "PROVISIONED", "deletionProtectionEnabled": False}
    replace = frozenset({"hashKey", "localSecondaryIndexes", "rangeKey"})
    unordered = frozenset({"attributes", "globalSecondaryIndexes", "localSecondaryIndexes"})
    chosen = frozenset({"globalSecondaryIndexes.readCapacity", "globalSecondaryIndexes.writeCapacity", "tableClass"})

    def refusals(self, inputs: Props) -> Iterator[tuple[str, str]]:
        """Refuse what the local cloud's tables don't have."""
        for name in _REFUSED:
            if inputs.get(name):
                yield name, "is nothing that the local cloud's tables have; take it out"

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the table; it is known by its name."""
        tags = [{"Key": key, "Value": value} for key, value in (inputs.get("tagsAll") or {}).items()]
        parameters = {**_definition(inputs), "KeySchema": _keys(inputs)}
        parameters |= {"LocalSecondaryIndexes": [_index(it) for it in inputs.get("localSecondaryIndexes") or []]}
        indexes = [_index(it, inputs) for it in inputs.get("globalSecondaryIndexes") or []]
        parameters |= {"GlobalSecondaryIndexes": indexes, "Tags": tags}
        given = {name: value for name, value in parameters.items() if value not in ([], None)}
        self.call(aws, "create_table", TableName=inputs["name"], **given)
        return str(inputs["name"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Wait until the table is there, and switch on what takes calls of its own."""
        self._wait(aws, resource_id)
        self._switch(aws, resource_id, {}, inputs)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the table."""
        answer = self.find(aws, "describe_table", TableName=resource_id)
        if answer is None:
            return None
        found = answer["Table"]
        indexes = {
            f"{kind.lower()}SecondaryIndexes": found.get(f"{kind}SecondaryIndexes") for kind in ("Global", "Local")
        }
        props = {name: [_index_from(it) for it in listed or []] for name, listed in indexes.items()}
        return {
            **{name: listed for name, listed in props.items() if listed},
            **{"hashKey" if it["KeyType"] == "HASH" else "rangeKey": it["AttributeName"] for it in found["KeySchema"]},
            "name": resource_id,
            "arn": found["TableArn"],
            "attributes": [
                {"name": it["AttributeName"], "type": it["AttributeType"]} for it in found["AttributeDefinitions"]
            ],
            "billingMode": (found.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED"),
            "deletionProtectionEnabled": found.get("DeletionProtectionEnabled", False),
            "readCapacity": scalar(found["ProvisionedThroughput"]["ReadCapacityUnits"]),
            "writeCapacity": scalar(found["ProvisionedThroughput"]["WriteCapacityUnits"]),
            "tableClass": (found.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
            "streamArn": found.get("LatestStreamArn", ""),
            "streamLabel": found.get("LatestStreamLabel", ""),
            **self._switches(aws, resource_id, found),
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change capacity, stream and protection, then indexes one by one, as DynamoDB wants it."""
        before, after = _definition(old), _definition(new)
        changed = {name: value for name, value in after.items() if before.get(name) != value}
        changed.pop("AttributeDefinitions", None)
        if changed:
            self.call(aws, "update_table", TableName=resource_id, **changed)
            self._wait(aws, resource_id)
        self._reindex(aws, resource_id, old, new)
        self._switch(aws, resource_id, old, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the table and wait until it is gone."""
        self.find(aws, "delete_table", TableName=resource_id)
        gone = "describe_table"
        aws.wait(lambda: self.find(aws, gone, TableName=resource_id) is None, f"the end of table {resource_id}")

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for name in self.pages(aws, "list_tables", "TableNames"):
            yield str(name)

    def _wait(self, aws: Session, name: str) -> None:
        aws.wait(
            lambda: self.call(aws, "describe_table", TableName=name)["Table"]["TableStatus"] == "ACTIVE",
            f"table {name}",
        )

    def _reindex(self, aws: Session, name: str, old: Props, new: Props) -> None:
        before = {it["name"]: _index(it, old) for it in old.get("globalSecondaryIndexes") or []}
        after = {it["name"]: _index(it, new) for it in new.get("globalSecondaryIndexes") or []}
        attributes = _definition(new)["AttributeDefinitions"]
        gone = [key for key in before if key not in after or before[key]["KeySchema"] != after[key]["KeySchema"]]
        steps: Any = [{"Delete": {"IndexName": key}} for key in gone]
        steps += [{"Create": after[key]} for key in after if key not in before or key in gone]
        for step in steps:
            self.call(
                aws,
                "update_table",
                TableName=name,
                AttributeDefinitions=attributes,
                GlobalSecondaryIndexUpdates=[step],
            )
            self._wait(aws, name)

    def _switch(self, aws: Session, name: str, old: Props, new: Props) -> None:
        before, after = ((props.get("pointInTimeRecovery") or {}).get("enabled", False) for props in (old, new))
        if before != after:
            wanted = {"PointInTimeRecoveryEnabled": after}
            self.call(aws, "update_continuous_backups", TableName=name, PointInTimeRecoverySpecification=wanted)
        lived, lives = (props.get("ttl") or {} for props in (old, new))
        if lives.get("enabled", False) != lived.get("enabled", False):
            attribute = lives.get("attributeName") or lived.get("attributeName")
            wanted = {"AttributeName": attribute, "Enabled": lives.get("enabled", False)}
            self.call(aws, "update_time_to_live", TableName=name, TimeToLiveSpecification=wanted)

    def _switches(self, aws: Session, name: str, found: dict[str, Any]) -> Props:
        backups = self.call(aws, "describe_continuous_backups", TableName=name)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        ttl = self.call(aws, "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
        stream = found.get("StreamSpecification") or {}
        lives = {"attributeName": ttl["AttributeName"], "enabled": True} if ttl["TimeToLiveStatus"] == "ENABLED" else {}
        props: Props = {"pointInTimeRecovery": {"enabled": recovery}}
        props |= {"ttl": lives} if lives else {}
        if stream.get("StreamEnabled"):
            props |= {"streamEnabled": True, "streamViewType": stream["StreamViewType"]}
        sse = found.get("SSEDescription") or {}
        encrypted = {"enabled": True} | ({"kmsKeyArn": sse["KMSMasterKeyArn"]} if sse.get("KMSMasterKeyArn") else {})
        return props | ({"serverSideEncryption": encrypted} if sse.get("Status") == "ENABLED" else {})


def _definition(props: Props) -> dict[str, Any]:
    """Return what creating and updating take alike."""
    result: dict[str, Any] = {
        "AttributeDefinitions": [
            {"AttributeName": it["name"], "AttributeType": it["type"]} for it in props.get("attributes") or []
        ],
        "BillingMode": props.get("billingMode") or "PROVISIONED",
        "DeletionProtectionEnabled": bool(props.get("deletionProtectionEnabled")),
    }
    if result["BillingMode"] == "PROVISIONED":
        result["ProvisionedThroughput"] = _throughput(props)
    if props.get("streamEnabled"):
        result["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": props["streamViewType"]}
    if props.get("tableClass"):
        result["TableClass"] = props["tableClass"]
    if (props.get("serverSideEncryption") or {}).get("enabled"):
        key = props["serverSideEncryption"].get("kmsKeyArn")
        named = {"KMSMasterKeyId": key} if key else {}
        result["SSESpecification"] = {"Enabled": True, "SSEType": "KMS", **named}
    return result


def _throughput(props: Props) -> dict[str, int]:
    return {"ReadCapacityUnits": props.get("readCapacity") or 1, "WriteCapacityUnits": props.get("writeCapacity") or 1}


def _keys(props: Props) -> list[dict[str, str]]:
    named = {"HASH": props.get("hashKey"), "RANGE": props.get("rangeKey")}
    return [{"AttributeName": name, "KeyType": kind} for kind, name in named.items() if name]


def _index(index: Props, table: Props | None = None) -> dict[str, Any]:
    """Return an index as DynamoDB takes it; a local one, given without its table, shares the table's capacity."""
    projection: dict[str, Any] = {"ProjectionType": index["projectionType"]}
    if index.get("nonKeyAttributes"):
        projection["NonKeyAttributes"] = index["nonKeyAttributes"]
    result: dict[str, Any] = {"IndexName": index["name"], "KeySchema": _keys(index), "Projection": projection}
    provisioned = table is not None and (table.get("billingMode") or "PROVISIONED") == "PROVISIONED"
    return result | ({"ProvisionedThroughput": _throughput(index)} if provisioned else {})


def _index_from(found: dict[str, Any]) -> Props:
    props: Props = {"name": found["IndexName"], "projectionType": found["Projection"]["ProjectionType"]}
    for key in found["KeySchema"]:
        props["hashKey" if key["KeyType"] == "HASH" else "rangeKey"] = key["AttributeName"]
    if found["Projection"].get("NonKeyAttributes"):
        props["nonKeyAttributes"] = found["Projection"]["NonKeyAttributes"]
    capacity = found.get("ProvisionedThroughput") or {}
    for name, word in (("readCapacity", "ReadCapacityUnits"), ("writeCapacity", "WriteCapacityUnits")):
        if capacity.get(word):
            props[name] = scalar(capacity[word])
    return props


RESOURCE = Table()

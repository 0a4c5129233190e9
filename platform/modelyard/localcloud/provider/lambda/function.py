"""`aws:lambda/function:Function`."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from modelyard.localcloud.provider.lambda_code import zipped
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props

_CODE = ("architectures", "code", "imageUri", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash")
_HINTS = frozenset(
    {
        "code",
        "imageUri",
        "publish",
        "replaceSecurityGroupsOnDestroy",
        "replacementSecurityGroupIds",
        "s3Bucket",
        "s3Key",
        "s3ObjectVersion",
        "skipDestroy",
        "sourceCodeHash",
        "useResourceTimeoutForPropagation",
    }
)
_UNRESERVED = -1


class Function(ResourceType):
    """A function that runs when it is called."""

    pulumi_type = "aws:lambda/function:Function"
    client = "lambda"
    name_property = "name"
    name_limit = 64
    tagging = TagOperations("lambda", "list_tags", resource="Resource", key="")
    defaults: ClassVar = {
        "memorySize": 128,
        "packageType": "Zip",
        "publish": False,
        "reservedConcurrentExecutions": _UNRESERVED,
        "skipDestroy": False,
        "timeout": 3,
    }
    names: ClassVar = {"name": "FunctionName", "arn": "FunctionArn", "sourceCodeSize": "CodeSize"}
    replace = frozenset({"packageType"})
    unread = _HINTS
    volatile = frozenset({"codeSha256", "lastModified", "sourceCodeSize", "version", "qualifiedArn"})

    def same(self, name: str, old: Any, new: Any) -> bool:
        """Archives are the same when their digests are, wherever their files lie."""
        if name == "code" and isinstance(old, Mapping) and isinstance(new, Mapping) and old.get("hash"):
            return bool(old["hash"] == new.get("hash"))
        return super().same(name, old, new)

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the function; it is known by its name."""
        parameters = self.request(aws, "create_function", {k: v for k, v in inputs.items() if k != "code"})
        self.call(aws, "create_function", **{**parameters, "Code": self._code(inputs)})
        return str(inputs["name"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Reserve its share of concurrent executions."""
        self._reserve(aws, resource_id, inputs)
        self._wait(aws, resource_id)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the function."""
        answer = self.find(aws, "get_function", FunctionName=resource_id)
        if answer is None:
            return None
        found = answer["Configuration"]
        reserved = answer.get("Concurrency", {}).get("ReservedConcurrentExecutions", _UNRESERVED)
        arn = found["FunctionArn"].removesuffix(":$LATEST")
        return self.properties({key: value for key, value in found.items() if _is_set(key, value)}) | {
            "arn": arn,
            "qualifiedArn": f"{arn}:{found.get('Version', '$LATEST')}",
            "invokeArn": f"arn:aws:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations",
            "reservedConcurrentExecutions": reserved,
            **({"layers": [layer["Arn"] for layer in found["Layers"]]} if found.get("Layers") else {}),
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change the configuration and the code, each if it is another."""
        if any(not self.same(name, old.get(name), new.get(name)) for name in _CODE):
            machine = {"Architectures": new["architectures"]} if new.get("architectures") else {}
            self.call(aws, "update_function_code", FunctionName=resource_id, **machine, **self._code(new))
            self._wait(aws, resource_id)
        before, after = (
            self.request(aws, "update_function_configuration", {k: v for k, v in props.items() if k not in _CODE})
            for props in (old, new)
        )
        for name, empty in (("Environment", {"Variables": {}}), ("Layers", []), ("Description", ""), ("KMSKeyArn", "")):
            if name in before and name not in after:
                after[name] = empty
        if before != after:
            self.call(aws, "update_function_configuration", **{**after, "FunctionName": resource_id})
            self._wait(aws, resource_id)
        if old.get("reservedConcurrentExecutions") != new.get("reservedConcurrentExecutions"):
            self._reserve(aws, resource_id, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the function, but for one that is to stay."""
        if not state.get("skipDestroy"):
            self.find(aws, "delete_function", FunctionName=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for function in self.pages(aws, "list_functions", "Functions"):
            yield str(function["FunctionName"])

    def _code(self, props: Props) -> dict[str, Any]:
        if props.get("code") is not None:
            return {"ZipFile": zipped(props["code"])}
        places = {
            "imageUri": "ImageUri",
            "s3Bucket": "S3Bucket",
            "s3Key": "S3Key",
            "s3ObjectVersion": "S3ObjectVersion",
        }
        return {word: props[name] for name, word in places.items() if props.get(name)}

    def _reserve(self, aws: Session, name: str, props: Props) -> None:
        reserved = props.get("reservedConcurrentExecutions", _UNRESERVED)
        if reserved != _UNRESERVED:
            self.call(aws, "put_function_concurrency", FunctionName=name, ReservedConcurrentExecutions=reserved)
        else:
            self.find(aws, "delete_function_concurrency", FunctionName=name)

    def _wait(self, aws: Session, name: str) -> None:
        def ready() -> bool:
            found = self.call(aws, "get_function_configuration", FunctionName=name)
            return bool(found.get("State", "Active") != "Pending" and found.get("LastUpdateStatus") != "InProgress")

        aws.wait(ready, f"function {name}")


def _is_set(member: str, value: Any) -> bool:
    """Tell whether an answer's member says more than none, in the form of a property."""
    return member != "Layers" and not (member == "SnapStart" and value.get("ApplyOn") == "None")


RESOURCE = Function()

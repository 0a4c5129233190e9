"""What `pulumi_aws` declares for a resource type, read from its source without importing it.

Importing one of its submodules costs most of a second; scanning the text of one class costs about a millisecond. The
source is generated code of one fixed form: an `@pulumi.getter` before every property of an `...Args` class, annotated
with `pulumi.Input[...]`, and of the resource class, annotated with `pulumi.Output[...]`.
"""

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword
from pathlib import Path

_GETTER = re.compile(
    r'@pulumi\.getter(?:\(name="(?P<wire>\w+)"\))?\n'
    r"(?:\s+@[^\n]*\n)*"
    r"\s+def (?P<name>\w+)\(self\) -> (?P<type>[^\n]+):\n"
)
_NEXT = re.compile(r"\n(?:class |@)")
_WRAPPERS = ("pulumi.Input[", "pulumi.Output[", "Optional[")
_SCALARS = {"_builtins.str": "string", "_builtins.bool": "boolean", "_builtins.int": "integer"}
_SCALARS["_builtins.float"] = "number"


@dataclass(frozen=True)
class Kind:
    """The declared type of a property: a scalar's word, or `list`, `map`, `object`, `any`.

    Args:
        word: `string`, `boolean`, `integer`, `number`, `list`, `map`, `object` or `any`.
        item: what a list or map holds.
        name: the class of an object, such as `BucketLoggingArgs`.
    """

    word: str
    item: "Kind | None" = None
    name: str = ""


ANY = Kind("any")


@dataclass(frozen=True)
class Schema:
    """The properties of one resource type, by the names that travel on the wire.

    Args:
        service: the module of `pulumi_aws`, such as `s3`.
        inputs: what a program may set.
        required: the inputs that it has to set.
        outputs: what the resource exports.
        computed: the inputs that AWS chooses when a program does not; taking one out of a program changes nothing.
    """

    service: str
    inputs: Mapping[str, Kind]
    required: frozenset[str]
    outputs: Mapping[str, Kind]
    computed: frozenset[str]

    def fields(self, kind: Kind | None) -> Mapping[str, Kind]:
        """Return the properties of an object; none for any other kind."""
        return _class_fields(self.service, kind.name)[0] if kind is not None and kind.name else {}

    def required_fields(self, kind: Kind) -> frozenset[str]:
        """Return the properties that an object has to have."""
        return _class_fields(self.service, kind.name)[1] if kind.name else frozenset()


def snake_case(name: str) -> str:
    """Turn `bucketObjectv2` into `bucket_objectv2`, as `pulumi_aws` names its files."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


@lru_cache(maxsize=256)
def load(token: str) -> Schema:
    """Return the schema of a token such as `aws:s3/bucket:Bucket`; an unknown type has no properties."""
    module, class_name = token.split(":")[1:]
    service, _, path = module.partition("/")
    return _schema(service, snake_case(path), class_name)


@lru_cache(maxsize=1)
def provider() -> Schema:
    """Return the schema of the provider's own configuration."""
    return _schema("", "provider", "Provider")


def _schema(service: str, module: str, class_name: str) -> Schema:
    source = _read(service, module)
    declared = dict(_getters(_class_body(source, f"{class_name}Args") or _class_body(source, f"{class_name}InitArgs")))
    exported = dict(_getters(_class_body(source, class_name)))
    required, always = _required(declared), _required(exported)
    return Schema(
        service=service,
        inputs={name: parse(text) for name, text in declared.items()},
        required=required,
        outputs={name: parse(text) for name, text in exported.items()},
        computed=(always & declared.keys()) - required,
    )


@lru_cache(maxsize=256)
def _class_fields(service: str, name: str) -> tuple[Mapping[str, Kind], frozenset[str]]:
    module, _, class_name = name.rpartition(".")
    declared = dict(_getters(_class_body(_read(service, module or "_inputs"), class_name)))
    return {wire: parse(text) for wire, text in declared.items()}, _required(declared)


def _required(declared: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name, text in declared.items() if "Optional[" not in text)


@lru_cache(maxsize=32)
def _read(service: str, name: str) -> str:
    spec = importlib.util.find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        return ""
    folder = f"{service}_" if iskeyword(service) else service
    path = Path(spec.origin).parent / folder / f"{name}.py"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _class_body(source: str, name: str) -> str:
    starts = [source.find(f"\nclass {name}{mark}") for mark in ":("]
    start = max(starts)
    if start < 0:
        return ""
    end = _NEXT.search(source, start + 1)
    return source[start : end.start() if end else len(source)]


def _getters(body: str) -> list[tuple[str, str]]:
    return [(found["wire"] or found["name"], found["type"]) for found in _GETTER.finditer(body)]


def parse(annotation: str) -> Kind:
    """Read an annotation such as `pulumi.Input[Optional[Sequence[pulumi.Input[_builtins.str]]]]`."""
    for wrapper in _WRAPPERS:
        if annotation.startswith(wrapper):
            return parse(annotation[len(wrapper) : -1])
    if annotation in _SCALARS:
        return Kind(_SCALARS[annotation])
    if annotation.startswith("Sequence["):
        return Kind("list", item=parse(annotation[len("Sequence[") : -1]))
    if annotation.startswith("Mapping["):
        return Kind("map", item=parse(annotation[len("Mapping[") : -1].partition(", ")[2]))
    if annotation.startswith("'"):
        return Kind("object", name=annotation.strip("'"))
    if annotation.startswith("Union[_builtins.str, '") and "Args'" not in annotation:
        return Kind("string")  # an enumeration that takes other words too, or a resource known by its identifier
    return ANY

"""Random settings that are valid: a strategy read off the settings' own models."""

import re
import types
from collections.abc import Mapping
from datetime import date
from ipaddress import ip_network
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from modelyard.components.network.settings import NetworkSettings
from modelyard.settings.environment import EnvironmentSettings

_WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
_TYPES = st.sampled_from(["String", "Integral", "Fractional"])
_FEATURE_NAMES = st.from_regex(r"f[A-Za-z0-9]{0,20}([-_]{1,3}[A-Za-z0-9]{1,18}){0,2}", fullmatch=True)
_TEXTS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=255)
_FEATURES = st.dictionaries(
    _FEATURE_NAMES,
    st.one_of(_TYPES, st.fixed_dictionaries({"type": _TYPES}, optional={"description": _TEXTS})),
    max_size=5,
)


_GROUPS = st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", fullmatch=True).filter(lambda name: len(name) <= 40)


@st.composite
def _groups(draw: st.DrawFn) -> dict[str, Any]:
    """Return feature groups that are whole: each has its identifier and its time."""
    found = {}
    for name in draw(st.lists(_GROUPS, max_size=3, unique=True)):
        features = {"id": "String", "time": draw(st.sampled_from(["String", "Fractional"])), **draw(_FEATURES)}
        group = {"record_identifier": "id", "event_time": "time", "features": features}
        online = draw(st.booleans())
        found[name] = {**group, "online": online, "format": draw(st.sampled_from(["glue", "iceberg"]))}
        if online:
            found[name]["ttl_days"] = draw(st.one_of(st.none(), st.integers(1, 730)))
    return found


_EMAILS = st.lists(st.builds("{}@example.com".format, _WORDS), max_size=2, unique=True)
_RANGES = ("10.{}.0.0/{}", "172.16.{}.0/{}", "192.168.{}.0/{}")


@st.composite
def _cidrs(draw: st.DrawFn) -> str:
    """Return a private range between /16 and /24, without host bits."""
    form, prefix = draw(st.sampled_from(_RANGES)), draw(st.integers(16, 24))
    text = form.format(draw(st.integers(0, 255)), prefix)
    return str(ip_network(text, strict=False))


def _ids(word: str, **size: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.from_regex(rf"{word}-([0-9a-f]{{8}}|[0-9a-f]{{17}})", fullmatch=True), unique=True, **size)


def _networks() -> st.SearchStrategy[Any]:
    """Return networks to build, and some that are there already."""
    adopted = st.fixed_dictionaries(
        {"vpc_id": _ids("vpc", min_size=1, max_size=1).map(lambda it: it[0]), "subnet_ids": _ids("subnet", min_size=1)},
        optional={"security_group_id": _ids("sg", min_size=1, max_size=1).map(lambda it: it[0])},
    )
    there = st.fixed_dictionaries({"existing": adopted})
    return st.one_of(_model(NetworkSettings, "network"), _model(NetworkSettings, "network"), there)


_REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1", "sa-east-1", "me-south-1"]
TWO_ZONES = "cn-north-1"  # in the local cloud
# What a pattern says too little of for a text at random to be valid.
KNOWN: Mapping[str, st.SearchStrategy[Any]] = {
    "region": st.sampled_from(_REGIONS),
    "network": st.deferred(_networks),
    "network.cidr": _cidrs(),
    "network.existing": st.none(),
    "policy": st.just({}),
    "cloud_port": st.none(),
    "protect": st.booleans(),
    "expiry": st.one_of(st.none(), st.dates(date(2030, 1, 1)).map(str)),
    "feature_store.groups": _groups(),
    "feature_store.retired": st.just([]),
    "audit.emails": _EMAILS,
    "monitoring.emails": _EMAILS,
}
_PLAIN = st.text("abcdefghijklmnopqrstuvwxyz0123456789 -_", min_size=1, max_size=40).filter(lambda text: text.strip())


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """Return documents of environments, with any of the sections and settings left out."""
    return _model(EnvironmentSettings, "").filter(_is_valid)


def _is_valid(document: dict[str, Any]) -> bool:
    try:
        settings = EnvironmentSettings.model_validate(document)
    except ValidationError:
        return False
    return settings.region != TWO_ZONES or settings.network.zones == 2


def _model(model: type[BaseModel], path: str) -> st.SearchStrategy[Any]:
    required, optional = {}, {}
    for name, info in model.model_fields.items():
        place = f"{path}.{name}" if path else name
        strategy = KNOWN[place] if place in KNOWN else _field(info, place)
        (required if info.is_required() else optional)[name] = strategy
    return st.fixed_dictionaries(required, optional=optional)


def _field(info: FieldInfo, path: str) -> st.SearchStrategy[Any]:
    bounds = {}
    for item in info.metadata:
        for name in ("ge", "le", "gt", "lt", "min_length", "max_length", "pattern"):
            if getattr(item, name, None) is not None:
                bounds[name] = getattr(item, name)
    return _kind(info.annotation, bounds, path)


def _kind(kind: Any, bounds: dict[str, Any], path: str) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if hasattr(kind, "__metadata__"):  # Annotated
        inner = FieldInfo.from_annotation(kind)
        return _field(inner, path)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([_kind(it, bounds, path) for it in arguments])
    if kind is type(None):
        return st.none()
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _model(kind, path)
    if origin in (tuple, list):
        size = {"min_size": bounds.get("min_length", 0), "max_size": min(bounds.get("max_length", 3), 3)}
        return st.lists(_kind(arguments[0], {}, path), unique_by=str, **size)
    if origin is dict:
        key, value = arguments
        size = {"min_size": bounds.get("min_length", 0), "max_size": 3}
        return st.dictionaries(_kind(key, {}, path), _kind(value, {}, path), **size)
    return _scalar(kind, bounds, path)


def _scalar(kind: Any, bounds: dict[str, Any], path: str) -> st.SearchStrategy[Any]:
    if kind is bool:
        return st.booleans()
    if kind is int:
        low, high = bounds.get("ge", bounds.get("gt", -1) + 1), bounds.get("le", bounds.get("lt", 10_001) - 1)
        return st.integers(low, high)
    if kind is float:
        return st.floats(bounds.get("ge", bounds.get("gt", 0) + 0.01), bounds.get("le", 10_000), width=16)
    if kind is str and "pattern" in bounds:
        short = st.from_regex(re.compile(bounds["pattern"], re.ASCII), fullmatch=True)
        return short.filter(lambda text: len(text) <= min(bounds.get("max_length", 60), 60))
    if kind is str:
        return _PLAIN
    raise TypeError(f"{path}: there is no strategy for {kind!r}; add one to KNOWN")

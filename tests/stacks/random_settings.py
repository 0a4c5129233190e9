"""Random settings that are valid: a strategy read off the settings' own models."""

import re
import types
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from modelyard.settings.environment import EnvironmentSettings

_WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
_FEATURES = st.dictionaries(
    st.builds("f{}".format, _WORDS), st.sampled_from(["String", "Integral", "Fractional"]), max_size=5
)


@st.composite
def _groups(draw: st.DrawFn) -> dict[str, Any]:
    """Return feature groups that are whole: each has its identifier and its time."""
    found = {}
    for name in draw(st.lists(st.from_regex(r"[a-z][a-z0-9]{0,38}", fullmatch=True), max_size=2, unique=True)):
        features = {"id": "String", "time": draw(st.sampled_from(["String", "Fractional"])), **draw(_FEATURES)}
        group = {"record_identifier": "id", "event_time": "time", "features": features}
        online = draw(st.booleans())
        found[name] = {**group, "online": online, "format": draw(st.sampled_from(["glue", "iceberg"]))}
        if online:
            found[name]["ttl_days"] = draw(st.one_of(st.none(), st.integers(1, 730)))
    return found


_EMAILS = st.lists(st.builds("{}@example.com".format, _WORDS), max_size=2, unique=True)
# What a pattern says too little of for a text at random to be valid.
KNOWN: Mapping[str, st.SearchStrategy[Any]] = {
    "region": st.sampled_from(["us-east-1", "eu-central-1", "ap-southeast-2"]),
    "network.cidr": st.builds("10.{}.0.0/{}".format, st.integers(0, 255), st.sampled_from([16, 18, 20])),
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
        EnvironmentSettings.model_validate(document)
    except ValidationError:
        return False
    return True


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

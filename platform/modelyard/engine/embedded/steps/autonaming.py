"""How physical names are made up, as the configuration `pulumi:autonaming` says.

Source: `pkg/cmd/pulumi/autonaming` and `pkg/resource/autonaming` of Pulumi, and its documentation of autonaming.
"""

import json
import random
import re
import string
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from modelyard.engine.embedded.state.resource import urn_name, urn_type
from modelyard.errors import SettingsError

CONFIG_KEY = "pulumi:autonaming"
Mode = Literal["propose", "enforce", "disable"]
_HINT = "write 'mode' (default, verbatim or disabled), or 'pattern' and perhaps 'enforce'"
_CHARACTERS = {
    "hex": "0123456789abcdef",
    "alphanum": string.ascii_lowercase + string.digits,
    "string": string.ascii_lowercase,
    "num": string.digits,
}
_RANDOM = re.compile(r"\$\{(hex|alphanum|string|num)\((\d+)\)\}|\$\{uuid\}")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a provider is told about a resource's name.

    Args:
        name: the proposed name; empty when naming is disabled.
        mode: whether the provider may, must or must not make up a name.
        delete_first: whether a successor would have the same name, so that the old resource has to go first.
    """

    mode: Mode
    name: str = ""
    delete_first: bool = True


_Strategy = Callable[[str, bytes], Proposal | None]


@dataclass(frozen=True)
class Autonaming:
    """The naming of a whole stack.

    Args:
        strategies: by resource type, by package, and for all the rest under the empty text.
    """

    strategies: Mapping[str, _Strategy] = field(default_factory=dict)

    def proposal(self, urn: str, seed: bytes) -> Proposal | None:
        """Return what to tell a provider about a resource's name; none leaves it to the provider's own way."""
        type_ = urn_type(urn)
        for key in (type_, type_.split(":")[0], ""):
            if key in self.strategies:
                return self.strategies[key](urn, seed)
        return None


def parse(config: Mapping[str, str], *, project: str, stack: str) -> Autonaming:
    """Read the naming from a stack's configuration.

    Args:
        config: the configuration, by `namespace:key`.
        project: what `${project}` stands for.
        stack: what `${stack}` stands for.

    Raises:
        SettingsError: the configuration is not valid.
    """
    if CONFIG_KEY not in config:
        return Autonaming()
    try:
        document = json.loads(config[CONFIG_KEY])
    except ValueError as error:
        raise SettingsError(f"{CONFIG_KEY} is not valid: {error}", hint=_HINT) from error
    fixed = {"organization": "organization", "project": project, "stack": stack}
    fixed |= {f"config.{key}": value for key, value in config.items()}
    fixed |= {f"config.{key.removeprefix(f'{project}:')}": value for key, value in config.items()}
    strategies: dict[str, _Strategy] = {}
    _add(strategies, "", document, fixed, allowed={"providers"})
    for package, section in _sections(document, "providers"):
        _add(strategies, package, section, fixed, allowed={"resources"})
        for type_, part in _sections(section, "resources"):
            _add(strategies, type_, part, fixed, allowed=set())
            if type_ not in strategies:
                raise SettingsError(f"{CONFIG_KEY}: {type_} says neither mode nor pattern", hint=_HINT)
    return Autonaming(strategies)


def _sections(document: Any, key: str) -> list[tuple[str, Any]]:
    return sorted((document.get(key) or {}).items()) if isinstance(document, dict) else []


def _add(
    strategies: dict[str, _Strategy], key: str, section: Any, fixed: Mapping[str, str], *, allowed: set[str]
) -> None:
    where = f"{CONFIG_KEY}{f': {key}' if key else ''}"
    if not isinstance(section, dict):
        raise SettingsError(f"{where} is no mapping", hint=_HINT)
    if unknown := sorted(section.keys() - {"mode", "pattern", "enforce"} - allowed):
        raise SettingsError(f"{where}: unknown key {unknown[0]!r}", hint=_HINT)
    mode, pattern = section.get("mode"), section.get("pattern")
    if mode is not None and (pattern is not None or "enforce" in section):
        raise SettingsError(f"{where}: mode and pattern exclude each other", hint=_HINT)
    if pattern is not None:
        strategies[key] = _pattern(_resolved(str(pattern), fixed, where), enforce=bool(section.get("enforce")))
    elif "enforce" in section:
        raise SettingsError(f"{where}: enforce needs a pattern", hint=_HINT)
    elif mode is not None:
        if mode not in _MODES:
            raise SettingsError(f"{where}: there is no mode {mode!r}", hint=_HINT)
        strategies[key] = _MODES[mode]


def _resolved(pattern: str, fixed: Mapping[str, str], where: str) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] in fixed:
            return fixed[match[1]]
        if match[1].startswith("config."):
            raise SettingsError(f"{where}: there is no configuration {match[1][7:]!r}", hint="set it, or mend the name")
        return match[0]

    return re.sub(r"\$\{([^}]+)\}", value, pattern)


def _pattern(pattern: str, *, enforce: bool) -> _Strategy:
    def strategy(urn: str, seed: bytes) -> Proposal:
        dice = random.Random(seed)

        def made_up(match: re.Match[str]) -> str:
            if match[1] is None:
                return str(uuid.UUID(bytes=dice.randbytes(16), version=4))
            return "".join(dice.choices(_CHARACTERS[match[1]], k=int(match[2])))

        name, count = _RANDOM.subn(made_up, pattern.replace("${name}", urn_name(urn)))
        return Proposal(mode="enforce" if enforce else "propose", name=name, delete_first=count == 0)

    return strategy


_MODES: dict[str, _Strategy] = {
    "default": lambda urn, seed: None,
    "verbatim": lambda urn, seed: Proposal(mode="enforce", name=urn_name(urn)),
    "disabled": lambda urn, seed: Proposal(mode="disable"),
}

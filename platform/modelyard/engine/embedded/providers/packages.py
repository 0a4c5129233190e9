"""Packages: which plugin, in which version and with which parameters, manages a resource or answers a call.

Source: `pkg/resource/deploy/providers/registry.go` of Pulumi; the state keeps the same inputs.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modelyard import wire
from modelyard.engine.embedded.state.resource import PROVIDER_PREFIX, Resource

INTERNAL = "__internal"


@dataclass(frozen=True, kw_only=True)
class Parameterization:
    """What makes a plugin serve another package than its own.

    Args:
        name: the package it then serves.
        version: that package's version.
        value: the parameter, in the plugin's own format.
    """

    name: str
    version: str
    value: bytes


@dataclass(frozen=True, kw_only=True)
class Package:
    """A plugin as a program asks for it.

    Args:
        plugin: the plugin's name.
        version: its version; empty for any.
        url: where it could be downloaded.
        checksums: of its archive, by platform.
        parameter: what it is given before its first use, if anything.
    """

    plugin: str
    version: str = ""
    url: str = ""
    checksums: Mapping[str, bytes] = field(default_factory=dict)
    parameter: Parameterization | None = None

    @property
    def name(self) -> str:
        """Return the package's name."""
        return self.parameter.name if self.parameter else self.plugin

    @property
    def default_name(self) -> str:
        """Return the name of the package's default provider."""
        version = self.parameter.version if self.parameter else self.version
        parts = ["default", *re.split(r"[.+-]", version)] if version else ["default"]
        return "_".join(parts) + (f"_{_name_of(self.url)}" if self.url else "")

    def inputs(self, config: Mapping[str, Any]) -> wire.Props:
        """Return a provider's inputs: its configuration, and what it takes to find its plugin again."""
        inputs, internal = dict(config), dict(config.get(INTERNAL) or {})
        if self.version:
            inputs["version"] = self.version
        if self.url:
            internal["pluginDownloadURL"] = self.url
        if self.checksums:
            internal["pluginChecksums"] = {key: value.hex() for key, value in self.checksums.items()}
        if self.parameter:
            internal |= {"name": self.plugin, "version": self.version} if self.version else {"name": self.plugin}
            internal["parameterization"] = base64.b64encode(self.parameter.value).decode()
            inputs["version"] = self.parameter.version
        if internal or self.version:
            inputs[INTERNAL] = internal
        return inputs


def of_inputs(provider: Resource) -> Package:
    """Read from a provider resource's inputs which plugin it takes."""
    inputs = wire.reveal(provider.inputs)
    name, internal = provider.type.removeprefix(PROVIDER_PREFIX), inputs.get(INTERNAL)
    internal = internal if isinstance(internal, Mapping) else {}
    version, url = str(inputs.get("version") or ""), str(internal.get("pluginDownloadURL") or "")
    if "parameterization" not in internal:
        return Package(plugin=str(internal.get("name") or name), version=version, url=url)
    value = base64.b64decode(str(internal["parameterization"]))
    return Package(
        plugin=str(internal.get("name") or name),
        version=str(internal.get("version") or ""),
        url=url,
        parameter=Parameterization(name=name, version=version, value=value),
    )


def _name_of(url: str) -> str:
    """Turn an address into what may be part of a name, as Pulumi does; source: `tokens.IntoQName`."""
    parts = [re.sub(r"[^A-Za-z0-9_.-]", "_", part) for part in url.split("/") if part]
    return "/".join(re.sub(r"^[^A-Za-z0-9_.]", "_", part) for part in parts) or "_"

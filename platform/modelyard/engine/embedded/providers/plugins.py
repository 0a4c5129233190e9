"""The resource providers of one deployment: which there are, and which have been started."""

import threading
from collections.abc import Mapping
from typing import Any

from pulumi.runtime.proto import provider_pb2

from modelyard import wire
from modelyard.engine.base import PluginFactory
from modelyard.engine.embedded.providers.packages import INTERNAL, Parameterization, of_inputs
from modelyard.engine.embedded.providers.plugin import Plugin, external
from modelyard.engine.embedded.providers.processes import Processes
from modelyard.engine.embedded.providers.providercalls import (
    InProcess,
    ProviderCallError,
    failure_text,
    translated,
)
from modelyard.engine.embedded.requests.hooks import Hooks
from modelyard.engine.embedded.state.resource import Resource
from modelyard.errors import DeploymentError


class Plugins:
    """The providers of one deployment, configured when they are first needed.

    Args:
        factories: makes of providers by package name.
        processes: starts the plugins of all other packages.
    """

    def __init__(self, factories: Mapping[str, PluginFactory], processes: Processes) -> None:
        self._factories = dict(factories)
        self.processes = processes
        self.hooks = Hooks()
        self._loaded: dict[str, Any] = {}
        self._running: dict[str, Plugin] = {}
        self._lock = threading.RLock()

    def serve(self, package: str, factory: PluginFactory) -> None:
        """Have a package's provider in this process."""
        self._factories[package] = factory

    def check_config(self, provider: Resource, old: Resource | None) -> wire.Props:
        """Return a provider resource's inputs as its plugin would have them: just as they are, if it can't tell.

        Raises:
            ProviderCallError: they are not valid; the message names what isn't.
        """
        servicer, inputs = self._made(provider), provider.inputs
        self._loaded[provider.urn] = servicer
        request = provider_pb2.CheckRequest(
            urn=provider.urn,
            name=provider.name,
            type=provider.type,
            olds=external(old.inputs if old else {}),
            news=external(inputs),
        )
        try:
            with translated():
                response = servicer.CheckConfig(request, None)
        except ProviderCallError as error:
            if error.unimplemented:
                return inputs
            raise
        if response.failures:
            raise ProviderCallError(failure_text(provider, response.failures))
        own = {key: inputs[key] for key in ("version", INTERNAL) if key in inputs}
        return {**dict(wire.keep_secrets(inputs, wire.from_struct(response.inputs))), **own}

    def configure(self, provider: Resource) -> Plugin:
        """Start a provider for a provider resource, in place of the one it had unless that is configured just so."""
        with self._lock:
            same = (it for it in self._running.values() if _alike(it.provider, provider))
            plugin = next(same, None) or Plugin(self._servicer(provider), provider, self.hooks)
            self._running[f"{provider.urn}::{provider.id}"] = plugin
            return plugin

    def of(self, reference: str) -> Plugin:
        """Return the provider that a reference, `urn::id`, names.

        Raises:
            DeploymentError: no such provider was configured.
        """
        try:
            return self._running[reference]
        except KeyError:
            raise DeploymentError(f"the provider {reference!r} is not configured") from None

    def restore(self, provider: Resource) -> None:
        """Start a provider from state, unless the program has configured it already."""
        if f"{provider.urn}::{provider.id}" not in self._running:
            self.configure(provider)

    def cancel(self) -> None:
        """Ask every provider to end what it is doing."""
        for plugin in list(self._running.values()):
            plugin.cancel()

    def close(self) -> None:
        """End what was started in processes of its own."""
        self.processes.close()
        self.hooks.callbacks.close()

    def _servicer(self, provider: Resource) -> Any:
        loaded = self._loaded.pop(provider.urn, None)
        return self._made(provider) if loaded is None else loaded

    def _made(self, provider: Resource) -> Any:
        package = of_inputs(provider)
        internal = wire.reveal(provider.inputs).get(INTERNAL) or {}
        if package.plugin in self._factories:
            servicer: Any = InProcess(self._factories[package.plugin]())
        else:
            servicer = self.processes.start(package, internal.get("envVarMappings") or {})
        if package.parameter is not None:
            _parameterize(servicer, package.parameter)
        return servicer


def _parameterize(servicer: Any, parameter: Parameterization) -> None:
    value = provider_pb2.ParameterizeRequest.ParametersValue(
        name=parameter.name, version=parameter.version, value=parameter.value
    )
    with translated():
        response = servicer.Parameterize(provider_pb2.ParameterizeRequest(value=value), None)
    if response.name != parameter.name:
        raise ProviderCallError(f"a plugin was to serve the package {parameter.name!r}, and serves {response.name!r}")


def _alike(running: Resource, wanted: Resource) -> bool:
    return running.urn == wanted.urn and running.inputs == wanted.inputs

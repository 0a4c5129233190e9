"""The packages that a program has named, and the providers made for those that it gives no provider of its own.

Source: `pkg/resource/deploy/default_providers.go` of Pulumi.
"""

import hashlib
import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

from pulumi.runtime.proto import resource_pb2

from modelyard import wire
from modelyard.engine.embedded.program.callbacks import RequestError
from modelyard.engine.embedded.providers import versions
from modelyard.engine.embedded.providers.packages import INTERNAL, Package, Parameterization
from modelyard.engine.embedded.run import Run
from modelyard.engine.embedded.state.resource import PROVIDER_PREFIX, Resource, make_urn


class DefaultProviders:
    """The packages of one deployment and their default providers.

    Args:
        run: the deployment.
        register: registers a provider resource; returns its reference, `urn::id`.
    """

    def __init__(self, run: Run, register: Callable[[Resource], str]) -> None:
        self._run = run
        self._register = register
        self._lock = threading.Lock()
        self._defaults_lock = threading.Lock()
        self._references: dict[str, Package] = {}
        self._defaults: dict[tuple[str, str, str], str] = {}

    def add(self, request: resource_pb2.RegisterPackageRequest) -> str:
        """Take in a package; returns what the program calls it by from now on.

        Raises:
            RequestError: it has no name, or a version that is none.
        """
        if not request.name:
            raise RequestError("package name is empty")
        given = request.extension if request.HasField("extension") else request.parameterization
        parameter = Parameterization(name=given.name, version=given.version, value=given.value) if given.name else None
        for version in (request.version, parameter.version if parameter else ""):
            _checked_version(version)
        package = Package(
            plugin=request.name,
            version=request.version,
            url=request.download_url,
            checksums=dict(request.checksums),
            parameter=parameter,
        )
        if request.HasField("extension"):
            return self._extension(package)
        with self._lock:
            known = (reference for reference, other in self._references.items() if other == package)
            reference = next(known, None) or str(uuid.uuid4())
            self._references[reference] = package
            return reference

    def wanted(self, token: str, request: Any) -> Package:
        """Return the package that a request asks for, by its reference or by the token of a type or function.

        Raises:
            RequestError: the reference is not known, or the version is none.
        """
        if request.packageRef:
            return self._referred(request.packageRef)
        _checked_version(request.version)
        url, checksums = request.pluginDownloadURL.removesuffix("/"), dict(request.pluginChecksums)
        return Package(plugin=token.split(":")[0], version=request.version, url=url, checksums=checksums)

    def provider(self, token: str, request: Any) -> str:
        """Return the reference of the provider that a request goes to: the one it names, or its package's default.

        Raises:
            RequestError: the stack's configuration forbids the default provider.
        """
        return str(request.provider) or self.default(self.wanted(token, request), token)

    def default(self, package: Package, token: str) -> str:
        """Return the reference of a package's default provider, registered when it is first needed.

        Raises:
            RequestError: the stack's configuration forbids it.
        """
        if self._forbidden(package.plugin):
            raise RequestError(
                f"{token} needs the default provider of package {package.plugin!r}, "
                "which pulumi:disable-default-providers forbids: give it a provider of its own (the option provider)"
            )
        key = (package.name, package.default_name, package.url)
        with self._defaults_lock:
            if key not in self._defaults:
                self._defaults[key] = self._register(self._default_resource(package))
            return self._defaults[key]

    def identify(self, request: resource_pb2.RegisterResourceRequest) -> None:
        """Put into a provider resource's inputs what it takes to find its plugin again."""
        package = self.wanted(request.type.removeprefix(PROVIDER_PREFIX), request)
        inputs = package.inputs(wire.from_struct(request.object))
        if request.envVarMappings:
            inputs[INTERNAL] = {**inputs.get(INTERNAL, {}), "envVarMappings": dict(request.envVarMappings)}
        request.object.CopyFrom(wire.to_struct(inputs))

    def _default_resource(self, package: Package) -> Resource:
        deployment, type_ = self._run.deployment, f"{PROVIDER_PREFIX}{package.name}"
        prefix = f"{package.name}:"
        config: wire.Props = {
            key.removeprefix(prefix): wire.Secret(value) if key in self._run.secret_keys else value
            for key, value in deployment.config.items()
            if key.startswith(prefix) and package.name != "pulumi"
        }
        urn = make_urn(deployment.stack, deployment.project, "", type_, package.default_name)
        return Resource(urn=urn, type=type_, custom=True, inputs=package.inputs(config))

    def _extension(self, package: Package) -> str:
        """Refer to an extension by a digest of it, as the state does."""
        parameter = package.parameter or Parameterization(name="", version="", value=b"")
        head = f"{parameter.name}\0{parameter.version}\0".encode()
        reference = hashlib.sha256(head + parameter.value).hexdigest()
        with self._lock:
            self._references[reference] = package
        return reference

    def _referred(self, reference: str) -> Package:
        with self._lock:
            if reference not in self._references:
                raise RequestError(f"unknown provider package {reference!r}")
            return self._references[reference]

    def _forbidden(self, package: str) -> bool:
        text = self._run.deployment.config.get("pulumi:disable-default-providers", "")
        if package == "pulumi" or not text:
            return False
        try:
            barred = json.loads(text)
        except ValueError:
            barred = None
        if not isinstance(barred, list) or not all(isinstance(item, str) for item in barred):
            raise RequestError(f"pulumi:disable-default-providers is {text!r}, not a list of package names")
        return bool({"*", package} & {item.strip() for item in barred})


def _checked_version(version: str) -> None:
    try:
        versions.parse(version or "0.0.0")
    except ValueError as error:
        raise RequestError(str(error)) from error

"""Transforms: functions of the program that may change what a resource or a function call is asked for.

Those of a resource itself run first, then those of its parents, innermost first, then the stack's, each kind in the
order it was given. Source: `resmon.RegisterResource` in `pkg/resource/deploy/source_eval.go` of Pulumi.
"""

import threading
from collections.abc import Mapping
from typing import Any

from pulumi.runtime.proto import alias_pb2, callback_pb2, resource_pb2

from modelyard.engine.embedded.program.callbacks import Callbacks
from modelyard.engine.embedded.requests import outputvalues
from modelyard.engine.embedded.state.resource import PROVIDER_PREFIX, urn_type

_SAME = {  # options of a transform that a registration holds under another name
    "depends_on": "dependencies",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "additional_secret_outputs": "additionalSecretOutputs",
    "replace_with": "replace_with",
    "hide_diff": "hideDiffs",
    "version": "version",
    "provider": "provider",
    "plugin_download_url": "pluginDownloadURL",
    "deleted_with": "deletedWith",
    "import": "importId",
    "providers": "providers",
    "plugin_checksums": "pluginChecksums",
    "custom_timeouts": "customTimeouts",
    "hooks": "hooks",
    "replacement_trigger": "replacement_trigger",
}


class Transforms:
    """What the transforms of one deployment's program make of its requests.

    Args:
        callbacks: reaches the program.
    """

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._lock = threading.Lock()
        self._stack: list[callback_pb2.Callback] = []
        self._invoke: list[callback_pb2.Callback] = []
        self._own: dict[str, list[callback_pb2.Callback]] = {}
        self._constructed: dict[tuple[str, str, str], list[callback_pb2.Callback]] = {}
        self._requests: dict[str, resource_pb2.RegisterResourceRequest] = {}

    def add_to_stack(self, callback: callback_pb2.Callback) -> None:
        """Transform every resource that is registered from now on."""
        self._stack.append(callback)

    def add_to_invokes(self, callback: callback_pb2.Callback) -> None:
        """Transform every call of a provider's function from now on."""
        self._invoke.append(callback)

    def request(self, urn: str) -> resource_pb2.RegisterResourceRequest | None:
        """Return what was asked for when a resource was registered, if it was in this deployment."""
        return self._requests.get(urn)

    def applied(self, asked: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceRequest:
        """Return a registration as its parent and all transforms make it.

        Raises:
            RequestError: a transform failed.
        """
        request = resource_pb2.RegisterResourceRequest()
        request.CopyFrom(asked)
        self._inherit(request)
        request.ClearField("transforms")
        transforms = [*self._take_own(asked), *self._of_parents(asked.parent), *self._stack]
        dependencies = {key: set(value.urns) for key, value in asked.propertyDependencies.items()}
        if asked.transforms:
            request.object.CopyFrom(outputvalues.upgrade(request.object, dependencies))
        for transform in transforms:
            self._apply(transform, request)
        _depend(request, dependencies, anew=bool(asked.transforms))
        return request

    def registered(
        self,
        urn: str,
        asked: resource_pb2.RegisterResourceRequest,
        request: resource_pb2.RegisterResourceRequest,
    ) -> None:
        """Remember a resource, for the children that it will have.

        Args:
            urn: what it is called.
            asked: as the program asked for it.
            request: as it was registered.
        """
        own = self._constructed.pop(_key(asked), None) if not asked.remote else None
        with self._lock:
            self._requests[urn] = request
            self._own[urn] = own or self._own.get(urn) or list(asked.transforms)

    def invocation(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeRequest:
        """Return a function call as its parent and the transforms make it.

        Raises:
            RequestError: a transform failed.
        """
        changed = resource_pb2.ResourceInvokeRequest()
        changed.CopyFrom(request)
        changed.provider = request.provider or self.parents_provider(request.parent, request.tok)
        for transform in self._invoke:
            self._apply_to_invoke(transform, changed)
        return changed

    def _take_own(self, asked: resource_pb2.RegisterResourceRequest) -> list[callback_pb2.Callback]:
        """Return a resource's own transforms; one that a provider constructs has those it was asked for with."""
        with self._lock:
            if asked.remote:
                self._constructed[_key(asked)] = list(asked.transforms)
            elif _key(asked) in self._constructed:
                return self._constructed[_key(asked)]
        return list(asked.transforms)

    def _of_parents(self, parent: str) -> list[callback_pb2.Callback]:
        found: list[callback_pb2.Callback] = []
        while parent:
            found += self._own.get(parent, [])
            registered = self._requests.get(parent)
            parent = registered.parent if registered else ""
        return found

    def _inherit(self, request: resource_pb2.RegisterResourceRequest) -> None:
        """Fill in what a resource has from its parent unless it says otherwise itself."""
        parent = self._requests.get(request.parent)
        if parent is not None:
            request.deletedWith = request.deletedWith or parent.deletedWith
            if parent.HasField("protect") and not request.HasField("protect"):
                request.protect = parent.protect
            if parent.HasField("retainOnDelete") and not request.HasField("retainOnDelete"):
                request.retainOnDelete = parent.retainOnDelete
        if request.custom or request.remote:
            package = request.type.split(":")[0]
            given = request.provider or request.providers.get(package, "")
            request.provider = given or self.parents_provider(request.parent, request.type)
        if parent is not None and not request.custom:
            for package, reference in parent.providers.items():
                if package not in request.providers:
                    request.providers[package] = reference

    def parents_provider(self, parent: str, token: str) -> str:
        """Return the provider for a package that a parent gives to its children, if it does."""
        registered, package = self._requests.get(parent), token.split(":")[0]
        if registered is None:
            return ""
        own = registered.provider
        if own and urn_type(own) == f"{PROVIDER_PREFIX}{package}":
            return own
        return registered.providers.get(package, "")

    def _apply(self, transform: callback_pb2.Callback, request: resource_pb2.RegisterResourceRequest) -> None:
        response = self._callbacks.call(
            transform,
            resource_pb2.TransformRequest(
                type=request.type,
                name=request.name,
                custom=request.custom,
                parent=request.parent,
                properties=request.object,
                options=options_of(request),
            ),
            resource_pb2.TransformResponse,
        )
        if response.HasField("properties"):
            request.object.CopyFrom(response.properties)
        if response.HasField("options"):
            _set_options(request, response.options)

    def _apply_to_invoke(self, transform: callback_pb2.Callback, request: resource_pb2.ResourceInvokeRequest) -> None:
        options = resource_pb2.TransformInvokeOptions(
            provider=request.provider,
            version=request.version,
            plugin_download_url=request.pluginDownloadURL,
            plugin_checksums=request.pluginChecksums,
        )
        message = resource_pb2.TransformInvokeRequest(token=request.tok, args=request.args, options=options)
        response = self._callbacks.call(transform, message, resource_pb2.TransformInvokeResponse)
        if response.HasField("args"):
            request.args.CopyFrom(response.args)
        if response.HasField("options"):
            request.provider = response.options.provider
            request.version = response.options.version
            request.pluginDownloadURL = response.options.plugin_download_url


def options_of(request: resource_pb2.RegisterResourceRequest) -> resource_pb2.TransformResourceOptions:
    """Return a registration's options as transforms take them."""
    options = resource_pb2.TransformResourceOptions()
    for name, own in _SAME.items():
        _copy(request, own, options, name)
    if request.HasField("protect"):
        options.protect = request.protect
    if request.HasField("retainOnDelete"):
        options.retain_on_delete = request.retainOnDelete
    if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
        options.delete_before_replace = request.deleteBeforeReplace
    options.aliases.extend(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs)
    options.aliases.extend(request.aliases)
    return options


def _set_options(request: resource_pb2.RegisterResourceRequest, options: resource_pb2.TransformResourceOptions) -> None:
    for name, own in _SAME.items():
        _copy(options, name, request, own)
    request.ClearField("protect")
    request.ClearField("retainOnDelete")
    if options.HasField("protect"):
        request.protect = options.protect
    if options.HasField("retain_on_delete"):
        request.retainOnDelete = options.retain_on_delete
    request.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
    request.deleteBeforeReplace = options.delete_before_replace
    request.ClearField("aliasURNs")
    request.ClearField("aliases")
    for alias in options.aliases:
        if alias.WhichOneof("alias") == "urn":
            request.aliasURNs.append(alias.urn)
        else:
            request.aliases.append(alias)


def _copy(source: Any, name: str, target: Any, target_name: str) -> None:
    """Copy one field between messages that call it by different names."""
    target.ClearField(target_name)
    value = getattr(source, name)
    if isinstance(value, str):
        setattr(target, target_name, value)
    elif isinstance(value, Mapping):
        getattr(target, target_name).update(value)
    elif hasattr(value, "CopyFrom"):
        if source.HasField(name):
            getattr(target, target_name).CopyFrom(value)
    else:
        getattr(target, target_name).extend(value)


def _depend(request: resource_pb2.RegisterResourceRequest, before: Mapping[str, set[str]], *, anew: bool) -> None:
    """Note the resources that each property came from.

    Args:
        request: a registration whose properties may hold output values.
        before: what the program said of each property.
        anew: whether the properties alone say it, for they have been through a transform.
    """
    found = {key: outputvalues.urns(value) for key, value in request.object.fields.items()}
    if not anew:
        found = {key: before.get(key, set()) | found.get(key, set()) for key in before.keys() | found.keys()}
    request.ClearField("propertyDependencies")
    for key, urns in found.items():
        request.propertyDependencies[key].urns.extend(sorted(urns))
    if anew:
        everything = set(request.dependencies).union(*found.values())
        request.ClearField("dependencies")
        request.dependencies.extend(sorted(everything))


def _key(request: resource_pb2.RegisterResourceRequest) -> tuple[str, str, str]:
    return request.parent, request.type, request.name

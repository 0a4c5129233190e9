"""The `aws` resource provider of the local cloud, behind Pulumi's own protocol.

One instance serves one configuration. Our engine calls its methods in process with no context, and errors are raised;
the Pulumi CLI calls them over gRPC, and errors become the protocol's statuses.
"""

import ipaddress
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import urlsplit

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from modelyard.errors import ModelyardError
from modelyard.localcloud.provider import check, configuration, diff, outputs, registry
from modelyard.localcloud.provider.coerce import coerced
from modelyard.localcloud.provider.configuration import Configuration
from modelyard.localcloud.provider.defaults import Autonaming, NameRefusedError, Subject, filled
from modelyard.localcloud.provider.errors import PartialCreate, ProviderError, translated
from modelyard.localcloud.provider.lifecycle import Lifecycle
from modelyard.localcloud.provider.pretending import pretended
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.secrecy import closed, opened, sealed
from modelyard.localcloud.provider.session import DEFAULT_REGION, Session
from modelyard.wire import Props, from_struct, to_struct

VERSION = "7.51.1"
_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_MODES: dict[int, Literal["propose", "enforce", "disable"]] = {
    provider_pb2.CheckRequest.AutonamingOptions.PROPOSE: "propose",
    provider_pb2.CheckRequest.AutonamingOptions.ENFORCE: "enforce",
    provider_pb2.CheckRequest.AutonamingOptions.DISABLE: "disable",
}


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves `pulumi_aws` programs against an AWS endpoint on this machine.

    Args:
        endpoint_url: where the local cloud answers.
        pretending: whether a preview of what is yet to be made gives out texts of the right form, not unknowns.
        assuming: whether functions that find things by their identifiers say that all of them are there.
    """

    def __init__(self, endpoint_url: str, *, pretending: bool = False, assuming: bool = False) -> None:
        self._pretending, self._assuming = pretending, assuming
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
        self._session = Session(_on_this_machine(endpoint_url), region)
        self._config = Configuration()
        self._cancelled: threading.Event = self._session.cancelled

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's names, as below
        """Say what of the protocol is spoken."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, supports_autonaming_configuration=True
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Give the version of the provider that this one stands in for."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Give no schema; programs use the published SDK."""
        return provider_pb2.GetSchemaResponse(schema="{}")

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Accept an engine's attachment; nothing is asked of it."""
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """End the waiting of operations in flight."""
        self._cancelled.set()
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Accept what the real provider accepts; only regions, tags and accounts have a meaning here."""
        refused = configuration.refusals(opened(request.news)[0])
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(refused, context))

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Compare two configurations; another region replaces the provider, and so its resources."""
        old, new = from_struct(request.old_inputs), from_struct(request.news)
        changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        replaces = [name for name in changed if name == "region"]
        return provider_pb2.DiffResponse(changes=some, diffs=changed, replaces=replaces)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take regions, tags and accounts; values of complex types may come as JSON texts."""
        with _reported(context), translated("configuring the aws provider"):
            self._config = configuration.read(opened(request.args)[0])
            self._session = self._session.within(region=self._config.region)
            self._session = replace(self._session, default_tags=self._config.default_tags)
            self._config.require_account(self._session)
            return provider_pb2.ConfigureResponse(
                acceptSecrets=True, supportsPreview=True, acceptResources=True, supports_autonaming_configuration=True
            )

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Refuse inputs that are wrong, fill in names, defaults and tags."""
        with _reported(context):
            resource = registry.resource_type(_token(request))
            news, came = opened(request.news)
            given = {name: value for name, value in news.items() if value is not None}
            inputs = coerced(resource.schema, resource.schema.inputs, given)
            wrong = check.failures(resource.schema, inputs)
            wrong += [check.Failure(*refused) for refused in resource.refusals(inputs)]
            if not wrong:
                try:
                    inputs = filled(resource, self._subject(request), opened(request.olds)[0], inputs)
                except NameRefusedError as error:
                    wrong = [check.Failure(str(resource.name_property), str(error))]
            return provider_pb2.CheckResponse(inputs=closed(inputs, came), failures=_failures(wrong, context))

    def _subject(self, request: Any) -> Subject:
        asked = request.autonaming if request.HasField("autonaming") else None
        return Subject(
            urn=request.urn,
            name=_name(request),
            seed=request.randomSeed,
            default_tags=self._config.default_tags,
            autonaming=Autonaming(_MODES[asked.mode], asked.proposed_name) if asked else None,
        )

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Compare the old checked inputs with the new ones."""
        with _reported(context):
            resource = registry.resource_type(_token(request))
            old, new = opened(request.old_inputs)[0], opened(request.news)[0]
            state = opened(request.olds)[0]
            difference = diff.compare(resource, old, new, state, list(request.ignoreChanges))
            detailed = {
                change.path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.replaces], inputDiff=True)
                for change in difference.changes
            }
            some = provider_pb2.DiffResponse.DIFF_SOME if detailed else provider_pb2.DiffResponse.DIFF_NONE
            return provider_pb2.DiffResponse(
                changes=some,
                diffs=difference.properties,
                replaces=difference.replaces,
                detailedDiff=detailed,
                hasDetailedDiff=True,
                deleteBeforeReplace=difference.delete_before_replace,
            )

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Make a resource; in a preview, say what is known of it."""
        with _reported(context):
            resource = registry.resource_type(_token(request))
            inputs, came = opened(request.properties)
            if request.preview:
                found, known = "", outputs.planned(resource, {}, {}, inputs)
                if self._pretending:
                    found, known = pretended(resource, _name(request), known, self._session)
                return provider_pb2.CreateResponse(id=found, properties=closed(known, came))
            with _sealing(came):
                resource_id, known = self._lifecycle(resource, request, inputs).create(inputs)
            return provider_pb2.CreateResponse(id=resource_id, properties=closed(known, came))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Read a resource as it is; the answer has no identifier when it is gone."""
        with _reported(context):
            resource = registry.resource_type(_token(request))
            known, came = opened(request.properties)
            inputs, came_inputs = opened(request.inputs)
            lifecycle = self._lifecycle(resource, request, known or inputs)
            resource_id = request.id if known or inputs else lifecycle.import_id(request.id)
            live = lifecycle.read(resource_id, known or inputs)
            if live is None:
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(
                id=resource_id,
                properties=closed(live, came or came_inputs),
                inputs=closed(outputs.refreshed(resource, inputs, live), came_inputs),
            )

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Change a resource in place; in a preview, say what is known of the outcome."""
        with _reported(context):
            resource = registry.resource_type(_token(request))
            olds, (news, came) = opened(request.olds)[0], opened(request.news)
            if request.preview:
                known = outputs.planned(resource, olds, opened(request.old_inputs)[0], news)
            else:
                with _sealing(came):
                    known = self._lifecycle(resource, request, news).update(request.id, olds, news)
            return provider_pb2.UpdateResponse(properties=closed(known, came))

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Delete a resource; one that is gone already is success."""
        with _reported(context):
            resource = registry.resource_type(_token(request))
            state, _ = opened(request.properties)
            self._lifecycle(resource, request, state).delete(request.id, state)
            return empty_pb2.Empty()

    def List(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Give the identifiers of all resources of a type that a user made; with inputs, those that could have them."""
        with _reported(context):
            resource = registry.resource_type(request.token)
            with translated(f"listing {request.token}"):
                asked = from_struct(request.query) if request.HasField("query") else {}
                for found in (it for it in resource.list(self._session) if resource.may_be(it, asked)):
                    result = provider_pb2.ListResponse.Result(id=found, name=found)
                    yield provider_pb2.ListResponse(result=result)

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Call a function of the provider."""
        with _reported(context):
            module = registry.function(request.tok)
            args, _ = opened(request.args)
            missing = [name for name in getattr(module, "REQUIRED", ()) if args.get(name) is None]
            if missing:
                raise ProviderError(f"calling {request.tok}: {missing[0]} is required and missing")
            with translated(f"calling {request.tok}"):
                call = getattr(module, "assumed", module.call) if self._assuming else module.call
                result = call(self._session.within(region=args.get("region")), args)
            returned: dict[str, Any] = {"return": to_struct(result)}
            return provider_pb2.InvokeResponse(**returned)

    def _lifecycle(self, resource: ResourceType, request: Any, props: Props) -> Lifecycle:
        region = props.get("region")
        aws = self._session.within(region=region if isinstance(region, str) else None, timeout=_timeout(request))
        label = props.get(resource.name_property or "", "") or _name(request)
        return Lifecycle(resource, aws, str(label), self._config)


def _on_this_machine(endpoint_url: str) -> str:
    host = urlsplit(endpoint_url).hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ProviderError(
            f"{endpoint_url} is not on this machine, and this provider is the local cloud's",
            hint="deploy to AWS with 'modelyard up --target aws' or 'pulumi up'",
        )
    return endpoint_url


def _failures(wrong: list[check.Failure], context: Any) -> list[Any]:
    """Word failures; the CLI reads a property as one input's name and shows its value, so it gets the path as text."""
    if isinstance(context, grpc.ServicerContext):
        return [provider_pb2.CheckFailure(reason=f"{item.path}: {item.reason}") for item in wrong]
    return [provider_pb2.CheckFailure(property=item.path, reason=item.reason) for item in wrong]


def _token(request: Any) -> str:
    return str(request.type or request.urn.split("::")[2].rpartition("$")[2])


def _name(request: Any) -> str:
    return str(request.name or request.urn.split("::", 3)[3])


def _timeout(request: Any) -> float:
    return float(getattr(request, "timeout", 0.0))


@contextmanager
def _sealing(came: Props) -> Iterator[None]:
    """Keep the secrets of a resource secret when it is only half made."""
    try:
        yield
    except PartialCreate as error:
        error.properties = sealed(error.properties, came)
        raise


@contextmanager
def _reported(context: Any) -> Iterator[None]:
    """Let errors through in process; over gRPC turn them into the protocol's statuses."""
    try:
        yield
    except ModelyardError as error:
        if not isinstance(context, grpc.ServicerContext):
            raise
        context.abort_with_status(_Status(error))


class _Status(grpc.Status):  # type: ignore[misc]
    """A gRPC status; for what was made but isn't ready it carries the resource, so that the engine keeps it."""

    def __init__(self, error: ModelyardError) -> None:
        self.code = grpc.StatusCode.UNKNOWN
        self.details = f"{error}; {error.hint}" if error.hint else str(error)
        self.trailing_metadata: tuple[tuple[str, bytes], ...] = ()
        if isinstance(error, PartialCreate):
            failed = provider_pb2.ErrorResourceInitFailed(
                id=error.id, properties=to_struct(error.properties), reasons=error.reasons
            )
            detail = any_pb2.Any()
            detail.Pack(failed)
            status = status_pb2.Status(code=self.code.value[0], message=self.details, details=[detail])
            self.trailing_metadata = (("grpc-status-details-bin", status.SerializeToString()),)

"""Lineage: artifacts, actions, contexts, and what associates them."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from modelyard.localcloud.runtime import lineage
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import ActionResult, Document, Operations, invalid, not_found

_DEPTH = 10
_LINEAGE_TYPES = {
    "artifact": lineage.ARTIFACT,
    "action": lineage.ACTION,
    "context": lineage.CONTEXT,
    "experiment-trial-component": "TrialComponent",
}


@dataclass(frozen=True)
class Entity:
    """One kind of entity that has a name.

    Args:
        kind: Action or Context.
        resource: the ARN's word.
        updatable: what an update may change besides the properties.
    """

    kind: str
    resource: str
    updatable: tuple[str, ...]

    def create(self, operations: Operations) -> ActionResult:
        """Make one."""
        request = operations.request
        name = request[f"{self.kind}Name"]
        arn = operations.arn(self.resource, name)
        document = {**request, **operations.stamp(), f"{self.kind}Arn": arn}
        document.pop("Tags", None)
        if not operations.collection(self.kind).add(name, document):
            raise invalid(f"{self.kind} with name {name} already exists")
        operations.tag(arn, request)
        return ActionResult({f"{self.kind}Arn": arn})

    def find(self, operations: Operations) -> Document:
        """Return the one that a request names, or raise a ResourceNotFound."""
        name = operations.request[f"{self.kind}Name"].rpartition("/")[2]
        return operations.found(self.kind, name, not_found(f"{self.kind} {name} does not exist."))

    def update(self, operations: Operations) -> ActionResult:
        """Change one."""
        document = self.find(operations)
        request = operations.request
        changes = {key: request[key] for key in self.updatable if request.get(key) is not None}
        changes["Properties"] = _properties(document, request)
        operations.collection(self.kind).update(document[f"{self.kind}Name"], LastModifiedTime=now(), **changes)
        return ActionResult({f"{self.kind}Arn": document[f"{self.kind}Arn"]})

    def delete(self, operations: Operations) -> ActionResult:
        """Delete one that nothing is associated with."""
        document = self.find(operations)
        arn = document[f"{self.kind}Arn"]
        _refuse_linked(operations, arn)
        operations.forget(self.kind, document[f"{self.kind}Name"], arn)
        return ActionResult({f"{self.kind}Arn": arn})


ACTIONS = Entity(lineage.ACTION, "action", ("Description", "Status"))
CONTEXTS = Entity(lineage.CONTEXT, "context", ("Description",))


class Artifacts(Operations):
    """Operations on artifacts."""

    def create_artifact(self) -> ActionResult:
        """Make an artifact."""
        request = self.request
        arn = self.arn("artifact", secrets.token_hex(16))
        document = {**request, **self.stamp(), "ArtifactArn": arn}
        document.pop("Tags", None)
        self.collection(lineage.ARTIFACT).add(arn, document)
        self.tag(arn, request)
        return ActionResult({"ArtifactArn": arn})

    def describe_artifact(self) -> ActionResult:
        """Return an artifact."""
        return ActionResult(self._artifact(self.request["ArtifactArn"]))

    def list_artifacts(self) -> ActionResult:
        """Return artifacts, newest first unless asked otherwise."""
        return _listed(self, lineage.ARTIFACT, "ArtifactSummaries")

    def update_artifact(self) -> ActionResult:
        """Change an artifact's name and properties."""
        request = self.request
        document = self._artifact(request["ArtifactArn"])
        name = {"ArtifactName": request["ArtifactName"]} if request.get("ArtifactName") else {}
        self.collection(lineage.ARTIFACT).update(
            document["ArtifactArn"], LastModifiedTime=now(), Properties=_properties(document, request), **name
        )
        return ActionResult({"ArtifactArn": document["ArtifactArn"]})

    def delete_artifact(self) -> ActionResult:
        """Delete an artifact that nothing is associated with."""
        request = self.request
        if not request.get("ArtifactArn"):
            raise invalid("The local cloud deletes an artifact by its ArtifactArn.")
        arn = self._artifact(request["ArtifactArn"])["ArtifactArn"]
        _refuse_linked(self, arn)
        self.forget(lineage.ARTIFACT, arn, arn)
        return ActionResult({"ArtifactArn": arn})

    def _artifact(self, arn: str) -> Document:
        return self.found(lineage.ARTIFACT, arn, not_found(f"Artifact {arn} does not exist."))


class ActionsAndContexts(Operations):
    """Operations on actions and contexts."""

    def create_action(self) -> ActionResult:
        """Make an action."""
        return ACTIONS.create(self)

    def describe_action(self) -> ActionResult:
        """Return an action."""
        return ActionResult(ACTIONS.find(self))

    def list_actions(self) -> ActionResult:
        """Return actions, newest first unless asked otherwise."""
        return _listed(self, lineage.ACTION, "ActionSummaries")

    def update_action(self) -> ActionResult:
        """Change an action."""
        return ACTIONS.update(self)

    def delete_action(self) -> ActionResult:
        """Delete an action."""
        return ACTIONS.delete(self)

    def create_context(self) -> ActionResult:
        """Make a context."""
        return CONTEXTS.create(self)

    def describe_context(self) -> ActionResult:
        """Return a context."""
        return ActionResult(CONTEXTS.find(self))

    def list_contexts(self) -> ActionResult:
        """Return contexts, newest first unless asked otherwise."""
        return _listed(self, lineage.CONTEXT, "ContextSummaries")

    def update_context(self) -> ActionResult:
        """Change a context."""
        return CONTEXTS.update(self)

    def delete_context(self) -> ActionResult:
        """Delete a context."""
        return CONTEXTS.delete(self)


class Associations(Operations):
    """Operations on associations."""

    def add_association(self) -> ActionResult:
        """Associate two entities."""
        request = self.request
        source, destination = request["SourceArn"], request["DestinationArn"]
        for arn in (source, destination):
            if _entity(self, arn) is None and _kind(arn) != "TrialComponent":
                raise not_found(f"Entity {arn} does not exist.")
        kind = request.get("AssociationType") or lineage.ASSOCIATED
        if not lineage.link(self.cloud.host, self.here, source, destination, kind):
            raise invalid(f"Association from {source} to {destination} already exists")
        return ActionResult({"SourceArn": source, "DestinationArn": destination})

    def delete_association(self) -> ActionResult:
        """Take two entities apart."""
        request = self.request
        source, destination = request["SourceArn"], request["DestinationArn"]
        missing = not_found(f"Association from {source} to {destination} does not exist.")
        self.found(lineage.ASSOCIATION, f"{source} {destination}", missing)
        self.collection(lineage.ASSOCIATION).remove(f"{source} {destination}")
        return ActionResult({"SourceArn": source, "DestinationArn": destination})

    def list_associations(self) -> ActionResult:
        """Return associations by their ends and types, newest first unless asked otherwise."""
        request = self.request
        found = [self._summary(item) for item in self.collection(lineage.ASSOCIATION).all()]
        wanted = ("SourceArn", "DestinationArn", "SourceType", "DestinationType", "AssociationType")
        kept = [item for item in found if all(not request.get(key) or item.get(key) == request[key] for key in wanted)]
        chosen = listing.select(_created(kept, request), {**request, "SortBy": "CreationTime"}, "SourceArn")
        return ActionResult(listing.page(chosen, request, "AssociationSummaries", lambda item: item))

    def query_lineage(self) -> ActionResult:
        """Return what lies before or after an entity."""
        request = self.request
        direction, depth = request.get("Direction") or "Both", int(request.get("MaxDepth") or _DEPTH)
        links = self.collection(lineage.ASSOCIATION).all()
        starts = set(request.get("StartArns") or [])
        edges: list[Document] = []
        if direction in ("Both", "Descendants"):
            edges += _walk(links, starts, "SourceArn", "DestinationArn", depth)
        if direction in ("Both", "Ascendants"):
            edges += _walk(links, starts, "DestinationArn", "SourceArn", depth)
        arns = dict.fromkeys(arn for edge in edges for arn in (edge["SourceArn"], edge["DestinationArn"]))
        vertices = [self._vertex(arn) for arn in arns if arn not in starts]
        filters = request.get("Filters") or {}
        types, kinds = filters.get("Types"), filters.get("LineageTypes")
        kept = [
            it for it in vertices if (not types or it["Type"] in types) and (not kinds or it["LineageType"] in kinds)
        ]
        answer = listing.page(kept, request, "Vertices", lambda item: item)
        if request.get("IncludeEdges") is not False:
            answer["Edges"] = edges
        return ActionResult(answer)

    def _summary(self, link: Document) -> Document:
        ends: Document = {}
        for end in ("Source", "Destination"):
            vertex = self._vertex(link[f"{end}Arn"])
            ends |= {f"{end}Type": vertex["Type"], f"{end}Name": vertex["Name"]}
        return {**link, **ends}

    def _vertex(self, arn: str) -> Document:
        entity, kind = _entity(self, arn) or {}, _kind(arn)
        name = entity.get(f"{kind}Name") or arn.rpartition("/")[2]
        sort = entity.get(f"{kind}Type") or ("SageMakerJob" if kind == "TrialComponent" else kind)
        return {"Arn": arn, "Type": sort, "LineageType": kind, "Name": name[:120]}


def _kind(arn: str) -> str:
    return _LINEAGE_TYPES.get(arn.rpartition(":")[2].partition("/")[0], "Artifact")


def _entity(operations: Operations, arn: str) -> Document | None:
    kind = _kind(arn)
    return operations.collection(kind).get(arn if kind == lineage.ARTIFACT else arn.rpartition("/")[2])


def _walk(links: list[Document], starts: set[str], begin: str, end: str, depth: int) -> list[Document]:
    """Return all links that lead on from some entities, each once."""
    found: dict[int, Document] = {}
    reached, front = set(starts), set(starts)
    for _ in range(depth):
        step = {place: link for place, link in enumerate(links) if link[begin] in front}
        found |= step
        front = {link[end] for link in step.values()} - reached
        reached |= front
    fields = ("SourceArn", "DestinationArn", "AssociationType")
    return [{key: link[key] for key in fields} for link in found.values()]


def _refuse_linked(operations: Operations, arn: str) -> None:
    links = operations.collection(lineage.ASSOCIATION).all()
    if any(arn in (link["SourceArn"], link["DestinationArn"]) for link in links):
        raise invalid(f"{arn} still has associations; delete them first")


def _properties(document: Document, request: Document) -> dict[str, Any]:
    properties = {**(document.get("Properties") or {}), **(request.get("Properties") or {})}
    for key in request.get("PropertiesToRemove") or []:
        properties.pop(key, None)
    return properties


def _created(documents: Iterable[Document], request: Document) -> list[Document]:
    renamed = {"CreationTimeAfter": request.get("CreatedAfter"), "CreationTimeBefore": request.get("CreatedBefore")}
    return listing.select(list(documents), {**renamed, "SortOrder": "Ascending"}, "")


def _listed(operations: Operations, kind: str, member: str) -> ActionResult:
    request = operations.request
    uri, sort = request.get("SourceUri"), request.get(f"{kind}Type")
    kept = [
        item
        for item in operations.collection(kind).all()
        if (not uri or item["Source"]["SourceUri"] == uri) and (not sort or item[f"{kind}Type"] == sort)
    ]
    chosen = listing.select(
        _created(kept, request), request, f"{kind}Name" if kind != lineage.ARTIFACT else "ArtifactArn"
    )
    fields = (f"{kind}Arn", f"{kind}Name", f"{kind}Type", "Source", "Status", "CreationTime", "LastModifiedTime")
    return ActionResult(
        listing.page(chosen, request, member, lambda item: {key: item[key] for key in fields if key in item})
    )

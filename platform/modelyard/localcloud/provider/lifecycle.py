"""One resource's creation, change and removal; what was made is never lost sight of."""

from dataclasses import dataclass

from modelyard.localcloud.provider.check import DEFAULTS_KEY
from modelyard.localcloud.provider.configuration import Configuration
from modelyard.localcloud.provider.errors import NotReadyError, PartialCreate, ProviderError, translated
from modelyard.localcloud.provider.guarding import refuse_foreign
from modelyard.localcloud.provider.outputs import observe
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


@dataclass(frozen=True)
class Lifecycle:
    """The operations on one resource.

    Args:
        resource: its type.
        aws: access to the cloud.
        label: its name in errors.
        config: the provider's configuration.
    """

    resource: ResourceType
    aws: Session
    label: str
    config: Configuration

    def create(self, inputs: Props) -> tuple[str, Props]:
        """Make the resource and return its identifier and outputs.

        Raises:
            PartialCreate: it exists, but a further step failed or it is not ready; the next update goes on from there.
            ProviderError: it could not be made.
        """
        action = self._action("creating")
        with translated(action):
            self._refuse_existing(inputs)
            resource_id = self.resource.create(self.aws, inputs)
        try:
            with translated(action):
                self.resource.configure(self.aws, resource_id, inputs)
                return resource_id, self._outputs(resource_id, inputs)
        except NotReadyError as error:
            raise self._partial(resource_id, inputs, f"{action}: {error}") from error
        except ProviderError as error:
            raise self._partial(resource_id, inputs, str(error)) from error

    def import_id(self, resource_id: str) -> str:
        """Return the identifier of a resource, given what it is imported by."""
        with translated(self._action("importing")):
            return self.resource.import_id(self.aws, resource_id)

    def read(self, resource_id: str, known: Props) -> Props | None:
        """Return the outputs as the cloud holds them, or None when the resource is gone."""
        with translated(self._action("reading")):
            return observe(self.resource, self.aws, resource_id, known, self.config)

    def update(self, resource_id: str, olds: Props, news: Props) -> Props:
        """Change the resource in place and return its outputs.

        Raises:
            PartialCreate: it was changed but is not ready.
            ProviderError: AWS refused.
        """
        action = self._action("updating")
        kept = {name: olds[name] for name in self.resource.schema.computed if name in olds}
        news = {**kept, **news}
        try:
            with translated(action):
                self._update_tags(olds, news)
                self.resource.update(self.aws, resource_id, olds, news)
                return self._outputs(resource_id, self._known(olds, news))
        except NotReadyError as error:
            raise self._partial(resource_id, self._known(olds, news), f"{action}: {error}") from error

    def delete(self, resource_id: str, state: Props) -> None:
        """Delete the resource; one that is gone already is success.

        Raises:
            ProviderError: AWS refused, or it is not this branch's.
        """
        with translated(self._action("deleting")):
            refuse_foreign(self.resource, self.aws, resource_id, state, self.config)
            self.resource.delete(self.aws, resource_id, state)

    def _refuse_existing(self, inputs: Props) -> None:
        taken = self.resource.expected_id(self.aws, inputs)
        if taken is not None and self.resource.read(self.aws, taken, {}) is not None:
            raise ProviderError(
                f"{self._action('creating')}: AlreadyExists: there is one of this name, which is not this stack's",
                hint="choose another name, or adopt it with import_",
            )

    def _action(self, doing: str) -> str:
        return f"{doing} {self.resource.pulumi_type} ({self.label})"

    def _known(self, olds: Props, news: Props) -> Props:
        computed = {name: value for name, value in olds.items() if name not in self.resource.schema.inputs}
        return {**computed, **news}

    def _outputs(self, resource_id: str, known: Props) -> Props:
        outputs = observe(self.resource, self.aws, resource_id, known, self.config)
        if outputs is None:
            raise ProviderError(f"{self.resource.pulumi_type} {resource_id} was made, but is not there")
        return outputs

    def _update_tags(self, olds: Props, news: Props) -> None:
        before, after = olds.get("tagsAll") or {}, news.get("tagsAll") or {}
        tagging = self.resource.tagging
        if self.resource.taggable and tagging is not None and before != after:
            tagging.write(self.aws, olds[self.resource.tag_target], before, after)

    def _partial(self, resource_id: str, known: Props, reason: str) -> PartialCreate:
        try:
            with translated(self._action("reading")):
                outputs = observe(self.resource, self.aws, resource_id, known, self.config)
        except ProviderError:
            outputs = None  # what failed first is what its user has to know
        given = {name: value for name, value in known.items() if name != DEFAULTS_KEY}
        return PartialCreate(resource_id, outputs or given, [reason])

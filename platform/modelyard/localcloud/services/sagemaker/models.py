"""Models: a request, kept whole."""

from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import ActionResult, Document, EmptyResult, Operations, invalid

KIND = "Model"
EVENT = "SageMaker Model State Change"


class Models(Operations):
    """Operations on models."""

    def create_model(self) -> ActionResult:
        """Make a model."""
        request = self.request
        name = request["ModelName"]
        if not request.get("PrimaryContainer") and not request.get("Containers"):
            raise invalid("Requires at least one of PrimaryContainer or Containers.")
        arn = self.arn("model", name)
        document = {"EnableNetworkIsolation": False, **request, **self.stamp(), "ModelArn": arn}
        document.pop("Tags", None)
        if not self.collection(KIND).add(name, document):
            raise invalid(f'Cannot create already existing model "{arn}".')
        self.tag(arn, request)
        self._tell_of_model(document)
        return ActionResult({"ModelArn": arn})

    def describe_model(self) -> ActionResult:
        """Return a model."""
        return ActionResult(self._model())

    def list_models(self) -> ActionResult:
        """Return models, newest first unless asked otherwise."""
        request = self.request
        chosen = listing.select(self.collection(KIND).all(), request, "ModelName")
        return ActionResult(listing.page(chosen, request, "Models", lambda model: model))

    def delete_model(self) -> EmptyResult:
        """Delete a model."""
        model = self._model()
        self._tell_of_model(model)
        self.forget(KIND, model["ModelName"], model["ModelArn"])
        return EmptyResult()

    def _tell_of_model(self, model: Document) -> None:
        detail = {**model, "Tags": self.cloud.store.tags(model["ModelArn"])}
        self.cloud.host.events.send(self.here, EVENT, [model["ModelArn"]], detail)

    def _model(self) -> Document:
        name = self.request["ModelName"]
        return self.found(KIND, name, invalid(f'Could not find model "{self.arn("model", name)}".'))

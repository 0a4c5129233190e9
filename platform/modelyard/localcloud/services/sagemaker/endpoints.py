"""Endpoint configurations and endpoints; the runtime serves them."""

from modelyard.localcloud.runtime import described
from modelyard.localcloud.runtime.endpoints import CHANGING, CONFIG_KIND, KIND
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import ActionResult, Document, EmptyResult, Operations, invalid


class EndpointConfigs(Operations):
    """Operations on endpoint configurations."""

    def create_endpoint_config(self) -> ActionResult:
        """Make a configuration; its models must be there."""
        request = self.request
        name = request["EndpointConfigName"]
        arn = self.arn("endpoint-config", name)
        _check(request)
        for variant in [*request["ProductionVariants"], *(request.get("ShadowProductionVariants") or [])]:
            model = variant.get("ModelName", "")
            self.found("Model", model, invalid(f'Could not find model "{self.arn("model", model)}".'))
            if not variant.get("ServerlessConfig"):
                variant.setdefault("InitialInstanceCount", 1)
            variant.setdefault("InitialVariantWeight", 1.0)
        document = {**request, **self.stamp(), "EndpointConfigArn": arn}
        document.pop("Tags", None)
        if not self.collection(CONFIG_KIND).add(name, document):
            raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
        self.tag(arn, request)
        return ActionResult({"EndpointConfigArn": arn})

    def describe_endpoint_config(self) -> ActionResult:
        """Return a configuration."""
        return ActionResult(self.endpoint_config(self.request["EndpointConfigName"]))

    def list_endpoint_configs(self) -> ActionResult:
        """Return configurations, newest first unless asked otherwise."""
        request = self.request
        chosen = listing.select(self.collection(CONFIG_KIND).all(), request, "EndpointConfigName")
        return ActionResult(listing.page(chosen, request, "EndpointConfigs", lambda config: config))

    def delete_endpoint_config(self) -> EmptyResult:
        """Delete a configuration, also one in use, as AWS does."""
        config = self.endpoint_config(self.request["EndpointConfigName"])
        self.forget(CONFIG_KIND, config["EndpointConfigName"], config["EndpointConfigArn"])
        return EmptyResult()

    def endpoint_config(self, name: str) -> Document:
        """Return a configuration, or raise a ValidationException."""
        arn = self.arn("endpoint-config", name)
        return self.found(CONFIG_KIND, name, invalid(f'Could not find endpoint configuration "{arn}".'))


class EndpointOperations(EndpointConfigs):
    """Operations on endpoints."""

    def create_endpoint(self) -> ActionResult:
        """Make an endpoint; it serves once its status is InService."""
        request = self.request
        name = request["EndpointName"]
        arn = self.arn("endpoint", name)
        self.endpoint_config(request["EndpointConfigName"])
        document = {**request, **self.stamp(), "EndpointArn": arn, "EndpointStatus": "Creating"}
        document.pop("Tags", None)
        if not self.collection(KIND).add(name, document):
            raise invalid(f'Cannot create already existing endpoint "{arn}".')
        self.tag(arn, request)
        self.cloud.endpoints.deploy(self.here, name)
        return ActionResult({"EndpointArn": arn})

    def update_endpoint(self) -> ActionResult:
        """Move an endpoint to another configuration; it serves all the while."""
        request = self.request
        document = self._endpoint()
        self.endpoint_config(request["EndpointConfigName"])
        if document["EndpointStatus"] in CHANGING:
            raise invalid(f'Cannot update in-progress endpoint "{document["EndpointArn"]}".')
        if document["EndpointStatus"] == "Failed":
            raise invalid(f'Cannot update failed endpoint "{document["EndpointArn"]}"; delete it and create it again.')
        changes = {
            "EndpointConfigName": request["EndpointConfigName"],
            "DeploymentConfig": request.get("DeploymentConfig"),
            "VariantState": document.get("VariantState") if request.get("RetainAllVariantProperties") else {},
        }
        if request.get("RetainDeploymentConfig"):
            changes.pop("DeploymentConfig")
        self.collection(KIND).update(
            document["EndpointName"], EndpointStatus="Updating", LastModifiedTime=now(), FailureReason=None, **changes
        )
        self.cloud.endpoints.deploy(self.here, document["EndpointName"])
        return ActionResult({"EndpointArn": document["EndpointArn"]})

    def update_endpoint_weights_and_capacities(self) -> ActionResult:
        """Change shares and instance counts of variants, without a new deployment."""
        document = self._endpoint()
        if document["EndpointStatus"] != "InService":
            raise invalid(f'Cannot update endpoint "{document["EndpointArn"]}" that is {document["EndpointStatus"]}.')
        config = self.collection(CONFIG_KIND).get(document["EndpointConfigName"]) or {}
        known = {item["VariantName"]: item for item in config.get("ProductionVariants", [])}
        state = {**(document.get("VariantState") or {})}
        for wanted in self.request["DesiredWeightsAndCapacities"]:
            name = wanted["VariantName"]
            if name not in known:
                raise invalid(f'The variant "{name}" is not one of endpoint "{document["EndpointArn"]}".')
            changes = {
                ours: wanted[theirs]
                for theirs, ours in (
                    ("DesiredWeight", "InitialVariantWeight"),
                    ("DesiredInstanceCount", "InitialInstanceCount"),
                )
                if wanted.get(theirs) is not None
            }
            state[name] = {**state.get(name, {}), **changes}
        self.collection(KIND).update(
            document["EndpointName"], EndpointStatus="Updating", LastModifiedTime=now(), VariantState=state
        )
        self.cloud.endpoints.adjust(self.here, document["EndpointName"])
        return ActionResult({"EndpointArn": document["EndpointArn"]})

    def describe_endpoint(self) -> ActionResult:
        """Return an endpoint with its variants."""
        document = self._endpoint()
        deployed = document.get("DeployedConfigName") or document["EndpointConfigName"]
        config = self.collection(CONFIG_KIND).get(deployed) or {}
        state = document.get("VariantState") or {}
        if document["EndpointStatus"] in ("InService", "Updating", "RollingBack"):
            for field in ("ProductionVariants", "ShadowProductionVariants"):
                if config.get(field):
                    document[field] = described.variants(config, field, state)
        if document["EndpointStatus"] == "Updating" and document["EndpointConfigName"] != deployed:
            document["PendingDeploymentSummary"] = self.cloud.endpoints.pending(self.here, document)
            document["EndpointConfigName"] = deployed
        if document.get("DeploymentConfig"):
            document["LastDeploymentConfig"] = document["DeploymentConfig"]
        if config.get("AsyncInferenceConfig"):
            document["AsyncInferenceConfig"] = config["AsyncInferenceConfig"]
        capture = config.get("DataCaptureConfig")
        if capture:
            document["DataCaptureConfig"] = {
                "EnableCapture": capture.get("EnableCapture", True),
                "CaptureStatus": "Started" if capture.get("EnableCapture", True) else "Stopped",
                "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
                "DestinationS3Uri": capture["DestinationS3Uri"],
                "KmsKeyId": capture.get("KmsKeyId", ""),
            }
        return ActionResult(document)

    def list_endpoints(self) -> ActionResult:
        """Return endpoints, newest first unless asked otherwise."""
        request = self.request
        chosen = listing.select(self.collection(KIND).all(), request, "EndpointName", "EndpointStatus")
        return ActionResult(listing.page(chosen, request, "Endpoints", lambda endpoint: endpoint))

    def delete_endpoint(self) -> EmptyResult:
        """Delete an endpoint; its model servers are gone when this returns."""
        document = self._endpoint()
        self.cloud.endpoints.announce(self.here, {**document, "EndpointStatus": "Deleting"})
        self.forget(KIND, document["EndpointName"], document["EndpointArn"])
        self.cloud.endpoints.delete(self.here, document["EndpointName"])
        return EmptyResult()

    def _endpoint(self) -> Document:
        name = self.request["EndpointName"]
        return self.found(KIND, name, invalid(f'Could not find endpoint "{self.arn("endpoint", name)}".'))


def _check(request: Document) -> None:
    """Refuse what SageMaker refuses of serverless, asynchronous and shadow variants.

    Source: the SageMaker developer guide, "Serverless endpoint operations" and "Shadow variants".
    """
    variants = request["ProductionVariants"]
    shadows = request.get("ShadowProductionVariants") or []
    names = [variant["VariantName"] for variant in [*variants, *shadows]]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise invalid(f"Variant names must be unique; these are not: {', '.join(sorted(repeated))}.")
    serverless = any(variant.get("ServerlessConfig") for variant in variants)
    capture = request.get("DataCaptureConfig") or {}
    refused = {
        "more than one production variant": serverless and len(variants) > 1,
        "a shadow variant": serverless and bool(shadows),
        "DataCaptureConfig": serverless and bool(capture.get("EnableCapture", bool(capture))),
        "AsyncInferenceConfig": serverless and bool(request.get("AsyncInferenceConfig")),
    }
    for what, is_refused in refused.items():
        if is_refused:
            raise invalid(f"A serverless endpoint can't have {what}.")
    if shadows and (len(variants) > 1 or len(shadows) > 1):
        raise invalid("An endpoint with a shadow variant has exactly one production and one shadow variant.")

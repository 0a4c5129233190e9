"""Lifecycle configurations of Studio: scripts that run when an app starts."""

from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import (
    ActionResult,
    Document,
    EmptyResult,
    Operations,
    ResourceInUseException,
    not_found,
)

KIND = "StudioLifecycleConfig"
_SUMMARY = (
    "StudioLifecycleConfigArn",
    "StudioLifecycleConfigName",
    "CreationTime",
    "LastModifiedTime",
    "StudioLifecycleConfigAppType",
)


class StudioLifecycleConfigs(Operations):
    """Operations on lifecycle configurations."""

    def create_studio_lifecycle_config(self) -> ActionResult:
        """Make a configuration."""
        request = self.request
        name = request["StudioLifecycleConfigName"]
        arn = self.arn("studio-lifecycle-config", name)
        document = {**request, **self.stamp(), "StudioLifecycleConfigArn": arn}
        document.pop("Tags", None)
        if not self.collection(KIND).add(name, document):
            raise ResourceInUseException(f"StudioLifecycleConfig {arn} already exists.")
        self.tag(arn, request)
        return ActionResult({"StudioLifecycleConfigArn": arn})

    def describe_studio_lifecycle_config(self) -> ActionResult:
        """Return a configuration."""
        return ActionResult(self._config())

    def list_studio_lifecycle_configs(self) -> ActionResult:
        """Return configurations, newest first unless asked otherwise."""
        request = self.request
        app = request.get("AppTypeEquals")
        kept = [it for it in self.collection(KIND).all() if not app or it["StudioLifecycleConfigAppType"] == app]
        renamed = {
            "LastModifiedTimeAfter": request.get("ModifiedTimeAfter"),
            "LastModifiedTimeBefore": request.get("ModifiedTimeBefore"),
        }
        chosen = listing.select(kept, {**request, **renamed}, "StudioLifecycleConfigName")
        return ActionResult(
            listing.page(chosen, request, "StudioLifecycleConfigs", lambda item: {k: item.get(k) for k in _SUMMARY})
        )

    def delete_studio_lifecycle_config(self) -> EmptyResult:
        """Delete a configuration that no domain and no user profile refers to."""
        config = self._config()
        arn = config["StudioLifecycleConfigArn"]
        users = [*self.collection("Domain").all(), *self.collection("UserProfile").all()]
        if any(_refers(user, arn) for user in users):
            raise ResourceInUseException(f"StudioLifecycleConfig {arn} is in use by a domain or a user profile.")
        self.forget(KIND, config["StudioLifecycleConfigName"], arn)
        return EmptyResult()

    def _config(self) -> Document:
        name = self.request["StudioLifecycleConfigName"]
        return self.found(KIND, name, not_found(f"StudioLifecycleConfig [{name}] does not exist."))


def _refers(value: object, arn: str) -> bool:
    """Tell whether an ARN is anywhere in a document."""
    if isinstance(value, dict):
        return any(_refers(item, arn) for item in value.values())
    if isinstance(value, list):
        return any(_refers(item, arn) for item in value)
    return value == arn

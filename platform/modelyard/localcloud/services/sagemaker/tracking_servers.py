"""MLflow tracking servers; the runtime really runs them."""

from typing import Any

from modelyard.localcloud.runtime import tracking
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.tracking import KIND
from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import (
    ActionResult,
    ConflictException,
    Document,
    Operations,
    invalid,
    not_found,
)

_UPDATABLE = (
    "ArtifactStoreUri",
    "AutomaticModelRegistration",
    "S3BucketOwnerAccountId",
    "S3BucketOwnerVerification",
    "TrackingServerSize",
    "WeeklyMaintenanceWindowStart",
)
_SUMMARY = (
    "TrackingServerArn",
    "TrackingServerName",
    "CreationTime",
    "LastModifiedTime",
    "TrackingServerStatus",
    "IsActive",
    "MlflowVersion",
)
_DEFAULT_VERSION = "3.0.0"
_BUSY = ("Creating", "Deleting", "Starting", "Stopping", "Updating")


class TrackingServers(Operations):
    """Operations on MLflow tracking servers."""

    def create_mlflow_tracking_server(self) -> ActionResult:
        """Make a server; it answers once its status is Created and it is active."""
        request = self.request
        name = request["TrackingServerName"]
        arn = self.arn("mlflow-tracking-server", name)
        port = tracking.free_port()
        document = {
            "TrackingServerSize": "Small",
            "MlflowVersion": _DEFAULT_VERSION,
            "AutomaticModelRegistration": False,
            "WeeklyMaintenanceWindowStart": "Sun:03:00",
            **request,
            **self.stamp(),
            "TrackingServerArn": arn,
            "TrackingServerStatus": "Creating",
            "IsActive": "Inactive",
            "TrackingServerUrl": tracking.url(port),
            "Port": port,
        }
        document.pop("Tags", None)
        if not self.collection(KIND).add(name, document):
            raise ConflictException(f"Tracking server {arn} already exists.")
        self.tag(arn, request)
        self.cloud.tracking.start(self.here, name, "Created")
        return ActionResult({"TrackingServerArn": arn})

    def describe_mlflow_tracking_server(self) -> ActionResult:
        """Return a server."""
        return ActionResult(self._server())

    def list_mlflow_tracking_servers(self) -> ActionResult:
        """Return servers, newest first unless asked otherwise."""
        request = self.request
        status, version = request.get("TrackingServerStatus"), request.get("MlflowVersion")
        kept = [
            item
            for item in self.collection(KIND).all()
            if (not status or item["TrackingServerStatus"] == status)
            and (not version or item["MlflowVersion"] == version)
        ]
        times = {"CreationTimeAfter": request.get("CreatedAfter"), "CreationTimeBefore": request.get("CreatedBefore")}
        chosen = listing.select(kept, {**request, **times}, "TrackingServerName", "TrackingServerStatus")
        return ActionResult(
            listing.page(chosen, request, "TrackingServerSummaries", lambda item: {k: item.get(k) for k in _SUMMARY})
        )

    def update_mlflow_tracking_server(self) -> ActionResult:
        """Change a server; it is started again."""
        request, server = self.request, self._idle()
        changes: dict[str, Any] = {key: request[key] for key in _UPDATABLE if request.get(key) is not None}
        return self._begin(server, "Updating", **changes)

    def start_mlflow_tracking_server(self) -> ActionResult:
        """Start a server that was stopped."""
        server = self._idle()
        if server["IsActive"] == "Active":
            raise ConflictException(f"Tracking server {server['TrackingServerArn']} is running.")
        return self._begin(server, "Starting")

    def stop_mlflow_tracking_server(self) -> ActionResult:
        """Stop a server; its runs stay."""
        server = self._idle()
        name = server["TrackingServerName"]
        self.cloud.tracking.stop(self.here, name)
        self.collection(KIND).update(name, TrackingServerStatus="Stopped", LastModifiedTime=now())
        return ActionResult({"TrackingServerArn": server["TrackingServerArn"]})

    def create_presigned_mlflow_tracking_server_url(self) -> ActionResult:
        """Return where a server answers; here nobody has to sign in."""
        server = self._server()
        if server["IsActive"] != "Active":
            reason = server.get("Problem") or f"it is {server['TrackingServerStatus']}"
            raise invalid(f"Tracking server {server['TrackingServerName']} is not running: {reason}")
        return ActionResult({"AuthorizedUrl": server["TrackingServerUrl"]})

    def delete_mlflow_tracking_server(self) -> ActionResult:
        """Delete a server with its runs; its process is gone when this returns, and its artifacts in S3 stay."""
        server = self._server()
        name, arn = server["TrackingServerName"], server["TrackingServerArn"]
        self.forget(KIND, name, arn)
        self.cloud.tracking.forget(self.here, name)
        return ActionResult({"TrackingServerArn": arn})

    def _begin(self, server: Document, status: str, **changes: Any) -> ActionResult:
        name = server["TrackingServerName"]
        self.cloud.tracking.stop(self.here, name)
        self.collection(KIND).update(name, TrackingServerStatus=status, LastModifiedTime=now(), **changes)
        self.cloud.tracking.start(self.here, name, {"Updating": "Updated", "Starting": "Started"}[status])
        return ActionResult({"TrackingServerArn": server["TrackingServerArn"]})

    def _server(self) -> Document:
        name = self.request["TrackingServerName"]
        return self.found(KIND, name, not_found(f"Tracking server {name} does not exist."))

    def _idle(self) -> Document:
        """Return a server that nothing is being done to."""
        server = self._server()
        if server["TrackingServerStatus"] in _BUSY:
            raise ConflictException(
                f"Tracking server {server['TrackingServerArn']} is {server['TrackingServerStatus']}."
            )
        return server

"""Studio domains and user profiles."""

import secrets
import string
from typing import Any

from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import (
    ActionResult,
    Document,
    EmptyResult,
    Operations,
    ResourceInUseException,
    not_found,
)

KIND = "Domain"
PROFILE_KIND = "UserProfile"
_UPDATABLE = (
    "DefaultUserSettings",
    "DefaultSpaceSettings",
    "AppNetworkAccessType",
    "SubnetIds",
    "AppSecurityGroupManagement",
    "TagPropagation",
)


class Domains(Operations):
    """Operations on domains."""

    def create_domain(self) -> ActionResult:
        """Make a domain."""
        request = self.request
        if any(item["DomainName"] == request["DomainName"] for item in self.collection(KIND).all()):
            raise ResourceInUseException(f"Domain {request['DomainName']} already exists.")
        identity = "d-" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(12))
        arn = self.arn("domain", identity)
        url = f"https://{identity}.studio.{self.here}.sagemaker.aws"
        document = {
            "AppNetworkAccessType": "PublicInternetOnly",
            **request,
            **self.stamp(),
            "DomainId": identity,
            "DomainArn": arn,
            "Status": "InService",
            "Url": url,
            "HomeEfsFileSystemId": f"fs-{secrets.token_hex(8)}",
        }
        document.pop("Tags", None)
        self.collection(KIND).add(identity, document)
        self.tag(arn, request)
        return ActionResult({"DomainArn": arn, "DomainId": identity, "Url": url})

    def describe_domain(self) -> ActionResult:
        """Return a domain."""
        return ActionResult(self.domain())

    def list_domains(self) -> ActionResult:
        """Return domains."""
        return ActionResult(listing.page(self.collection(KIND).all(), self.request, "Domains", lambda item: item))

    def update_domain(self) -> ActionResult:
        """Change a domain."""
        request = self.request
        domain = self.domain()
        changes: dict[str, Any] = {}
        for key in _UPDATABLE:
            if request.get(key) is not None:
                merged = isinstance(request[key], dict)
                changes[key] = (domain.get(key) or {}) | request[key] if merged else request[key]
        settings = request.get("DomainSettingsForUpdate")
        if settings:
            changes["DomainSettings"] = (domain.get("DomainSettings") or {}) | settings
        self.collection(KIND).update(domain["DomainId"], LastModifiedTime=now(), **changes)
        return ActionResult({"DomainArn": domain["DomainArn"]})

    def delete_domain(self) -> EmptyResult:
        """Delete a domain without user profiles."""
        domain = self.domain()
        if any(profile["DomainId"] == domain["DomainId"] for profile in self.collection(PROFILE_KIND).all()):
            raise ResourceInUseException(
                f"Unable to delete Domain {domain['DomainId']} because UserProfile(s) are associated with it."
            )
        self.forget(KIND, domain["DomainId"], domain["DomainArn"])
        return EmptyResult()

    def domain(self) -> Document:
        """Return the domain that the request names, or raise a ResourceNotFound."""
        identity = self.request["DomainId"]
        return self.found(KIND, identity, not_found(f"Domain [{identity}] does not exist."))


class UserProfiles(Domains):
    """Operations on user profiles."""

    def create_user_profile(self) -> ActionResult:
        """Make a user profile."""
        request = self.request
        domain = self.domain()
        name = f"{domain['DomainId']}/{request['UserProfileName']}"
        arn = self.arn("user-profile", name)
        document = {
            **request,
            **self.stamp(),
            "UserProfileArn": arn,
            "Status": "InService",
            "HomeEfsFileSystemUid": "200001",
        }
        document.pop("Tags", None)
        if not self.collection(PROFILE_KIND).add(name, document):
            raise ResourceInUseException(f"UserProfile {request['UserProfileName']} already exists.")
        self.tag(arn, request)
        return ActionResult({"UserProfileArn": arn})

    def describe_user_profile(self) -> ActionResult:
        """Return a user profile."""
        return ActionResult(self._profile())

    def list_user_profiles(self) -> ActionResult:
        """Return user profiles."""
        request = self.request
        wanted, part = request.get("DomainIdEquals"), request.get("UserProfileNameContains") or ""
        kept = [
            item
            for item in self.collection(PROFILE_KIND).all()
            if (not wanted or item["DomainId"] == wanted) and part in item["UserProfileName"]
        ]
        return ActionResult(listing.page(kept, request, "UserProfiles", lambda item: item))

    def update_user_profile(self) -> ActionResult:
        """Change a user profile's settings."""
        profile = self._profile()
        settings = (profile.get("UserSettings") or {}) | (self.request.get("UserSettings") or {})
        self.collection(PROFILE_KIND).update(self._profile_name(), LastModifiedTime=now(), UserSettings=settings)
        return ActionResult({"UserProfileArn": profile["UserProfileArn"]})

    def delete_user_profile(self) -> EmptyResult:
        """Delete a user profile."""
        profile = self._profile()
        self.forget(PROFILE_KIND, self._profile_name(), profile["UserProfileArn"])
        return EmptyResult()

    def _profile_name(self) -> str:
        return f"{self.request['DomainId']}/{self.request['UserProfileName']}"

    def _profile(self) -> Document:
        name = self.request["UserProfileName"]
        return self.found(PROFILE_KIND, self._profile_name(), not_found(f"UserProfile [{name}] does not exist."))

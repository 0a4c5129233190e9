"""`aws:sagemaker/userProfile:UserProfile`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.sagemaker import TAGS, is_ready
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class UserProfile(ResourceType):
    """A person in a Studio domain."""

    pulumi_type = "aws:sagemaker/userProfile:UserProfile"
    client = "sagemaker"
    name_property = "userProfileName"
    tagging = TAGS
    names: ClassVar = {"arn": "UserProfileArn"}
    replace = frozenset({"domainId", "singleSignOnUserIdentifier", "singleSignOnUserValue"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the profile; it is known by its ARN."""
        answer = self.call(aws, "create_user_profile", **self.request(aws, "create_user_profile", inputs))
        return str(answer["UserProfileArn"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Wait until the profile is in service."""
        self._wait(aws, resource_id)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the profile."""
        answer = self._describe(aws, resource_id)
        return None if answer is None else self.properties(answer)

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change the settings."""
        settings = new.get("userSettings")
        if settings and not self.same("userSettings", old.get("userSettings"), settings):
            parameters = self.request(aws, "update_user_profile", {"userSettings": settings})
            self.call(aws, "update_user_profile", **_name(resource_id), **parameters)
        self._wait(aws, resource_id)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the profile and wait until it is gone."""
        self.find(aws, "delete_user_profile", **_name(resource_id))
        aws.wait(lambda: self._describe(aws, resource_id) is None, f"the end of user profile {resource_id}")

    def list(self, aws: Session) -> Iterator[str]:
        """List the ARNs of the profiles of all domains."""
        for item in self.pages(aws, "list_user_profiles", "UserProfiles"):
            yield aws.arn("sagemaker", f"user-profile/{item['DomainId']}/{item['UserProfileName']}")

    def _describe(self, aws: Session, arn: str) -> Any:
        return self.find(aws, "describe_user_profile", **_name(arn))

    def _wait(self, aws: Session, arn: str) -> None:
        what = f"user profile {arn}"
        aws.wait(lambda: is_ready(self._describe(aws, arn), "Status", "InService", what), what)


def _name(arn: str) -> dict[str, str]:
    """Read an ARN such as `arn:aws:sagemaker:us-east-1:123456789012:user-profile/d-abc/ann`."""
    domain, _, name = arn.partition("user-profile/")[2].partition("/")
    return {"DomainId": domain, "UserProfileName": name}


RESOURCE = UserProfile()

"""Tags of every SageMaker resource: ours in the store, moto's own where it keeps them."""

from moto.core.exceptions import ServiceException

from modelyard.localcloud.services.sagemaker.base import ActionResult, EmptyResult, Operations, invalid
from modelyard.localcloud.services.sagemaker.naming import exists

MAX_TAGS = 50


class Tags(Operations):
    """AddTags, ListTags, DeleteTags."""

    def add_tags(self) -> ActionResult:
        """Set tags, keeping the others."""
        request = self.request
        arn = request["ResourceArn"]
        if not self._is_ours(arn):
            answer: ActionResult = super().add_tags()
            return answer
        tags = self.cloud.store.tags(arn) | {item["Key"]: item["Value"] for item in request["Tags"]}
        if len(tags) > MAX_TAGS:
            raise invalid(f"Too many tags: {len(tags)}, at most {MAX_TAGS}")
        self.cloud.store.put_tags(arn, tags)
        return ActionResult({"Tags": _listed(tags)})

    def list_tags(self) -> ActionResult:
        """Return a resource's tags."""
        arn = self.request["ResourceArn"]
        if not self._is_ours(arn):
            try:
                answer: ActionResult = super().list_tags()
            except ServiceException:
                raise
            except (KeyError, AttributeError, IndexError, NotImplementedError) as error:
                raise invalid(f"Resource {arn} does not exist") from error
            return answer
        return ActionResult({"Tags": _listed(self.cloud.store.tags(arn))})

    def delete_tags(self) -> ActionResult:
        """Remove tags."""
        request = self.request
        arn = request["ResourceArn"]
        if not self._is_ours(arn):
            answer: ActionResult = super().delete_tags()
            return answer
        left = {key: value for key, value in self.cloud.store.tags(arn).items() if key not in request["TagKeys"]}
        self.cloud.store.put_tags(arn, left)
        return EmptyResult()

    def _is_ours(self, arn: str) -> bool:
        return exists(self.cloud.store, arn)


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]

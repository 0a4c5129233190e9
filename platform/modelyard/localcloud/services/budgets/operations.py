"""UpdateBudget, subscribers of notifications, and tags."""

import json
from typing import TYPE_CHECKING, Any, ClassVar

from moto.budgets.exceptions import NotFoundException
from moto.budgets.responses import BudgetsResponse
from moto.core.utils import unix_time

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

_KEPT_ON_UPDATE = ("TimePeriod",)


class BudgetOperations(BudgetsResponse):
    """Operations of AWS Budgets that moto lacks."""

    cloud: ClassVar["LocalCloud"]

    def create_budget(self) -> str:
        """Make a budget and keep its tags."""
        answer: str = super().create_budget()
        self._put_tags(self._arn(self._budget()), self._get_param("ResourceTags") or [])
        return answer

    def update_budget(self) -> str:
        """Replace a budget's definition; its notifications stay."""
        new = self._get_param("NewBudget")
        budget = self._stored(new["BudgetName"])
        kept = {key: budget.budget[key] for key in _KEPT_ON_UPDATE if key in budget.budget}
        budget.budget = {**kept, **new, "LastUpdatedTime": unix_time()}
        return json.dumps({})

    def delete_budget(self) -> str:
        """Delete a budget with its tags."""
        answer: str = super().delete_budget()
        self.cloud.store.put_tags(self._arn(self._get_param("BudgetName")), {})
        return answer

    def describe_notifications_for_budget(self) -> str:
        """Return a budget's notifications."""
        notifications = self._stored(self._get_param("BudgetName")).notifications
        return json.dumps({"Notifications": [item.details for item in notifications]})

    def describe_subscribers_for_notification(self) -> str:
        """Return a notification's subscribers."""
        return json.dumps({"Subscribers": self._notification().subscribers})

    def create_subscriber(self) -> str:
        """Add a subscriber to a notification."""
        self._notification().subscribers.append(self._get_param("Subscriber"))
        return json.dumps({})

    def delete_subscriber(self) -> str:
        """Remove a subscriber from a notification."""
        self._notification().subscribers.remove(self._get_param("Subscriber"))
        return json.dumps({})

    def update_notification(self) -> str:
        """Replace a notification's definition."""
        self._notification("OldNotification").details = self._get_param("NewNotification")
        return json.dumps({})

    def tag_resource(self) -> str:
        """Set tags, keeping the others."""
        self._put_tags(self._get_param("ResourceARN"), self._get_param("ResourceTags"))
        return json.dumps({})

    def untag_resource(self) -> str:
        """Remove tags."""
        arn, keys = self._get_param("ResourceARN"), self._get_param("ResourceTagKeys")
        self.cloud.store.put_tags(arn, {k: v for k, v in self.cloud.store.tags(arn).items() if k not in keys})
        return json.dumps({})

    def list_tags_for_resource(self) -> str:
        """Return a budget's tags."""
        tags = self.cloud.store.tags(self._get_param("ResourceARN"))
        return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]})

    def _put_tags(self, arn: str, tags: list[dict[str, str]]) -> None:
        self.cloud.store.put_tags(arn, self.cloud.store.tags(arn) | {item["Key"]: item["Value"] for item in tags})

    def _budget(self) -> str:
        return str(self._get_param("Budget")["BudgetName"])

    def _arn(self, name: str) -> str:
        return f"arn:aws:budgets::{self._get_param('AccountId')}:budget/{name}"

    def _stored(self, name: str) -> Any:
        budgets = self.backend.budgets[self._get_param("AccountId")]
        if name not in budgets:
            raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
        return budgets[name]

    def _notification(self, parameter: str = "Notification") -> Any:
        wanted = self._get_param(parameter)
        for item in self._stored(self._get_param("BudgetName")).notifications:
            if item.details == wanted:
                return item
        raise NotFoundException("Unable to find the notification.")

"""`aws:budgets/budget:Budget`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from modelyard.localcloud.provider import translate
from modelyard.localcloud.provider.documents import same_set
from modelyard.localcloud.provider.errors import found
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props

_TIME_FORMAT = "%Y-%m-%d_%H:%M"
_NOTIFICATION = {
    "comparisonOperator": "ComparisonOperator",
    "notificationType": "NotificationType",
    "threshold": "Threshold",
    "thresholdType": "ThresholdType",
}
_SUBSCRIBERS = {"subscriberEmailAddresses": "EMAIL", "subscriberSnsTopicArns": "SNS"}


class Budget(ResourceType):
    """A limit on cost, with notifications of its use."""

    pulumi_type = "aws:budgets/budget:Budget"
    client = "budgets"
    name_property = "name"
    name_limit = 100
    tagging = TagOperations("budgets", tags="ResourceTags", keys="ResourceTagKeys")
    defaults: ClassVar = {"timePeriodEnd": "2087-06-15_00:00"}
    names: ClassVar = {"name": "BudgetName"}
    replace = frozenset({"accountId", "namePrefix"})
    unread = frozenset({"namePrefix", "plannedLimits"})

    def same(self, name: str, old: Any, new: Any) -> bool:
        """Amounts are numbers in texts; filters and notifications have no order."""
        if name == "limitAmount" and old and new:
            return float(old) == float(new)
        if name in ("costFilters", "notifications"):
            return same_set([_plain(item) for item in old or []], [_plain(item) for item in new or []])
        return super().same(name, old, new)

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the budget with its notifications; it is known by its account and name."""
        account = inputs.get("accountId") or aws.account_id
        notifications = [
            {"Notification": _notification(item), "Subscribers": _subscribers(item)}
            for item in inputs.get("notifications") or []
        ]
        parameters = {"NotificationsWithSubscribers": notifications} if notifications else {}
        tags = [{"Key": key, "Value": value} for key, value in (inputs.get("tagsAll") or {}).items()]
        parameters |= {"ResourceTags": tags} if tags else {}
        self.call(aws, "create_budget", AccountId=account, Budget=self._to_aws(aws, inputs), **parameters)
        return f"{account}:{inputs['name']}"

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the budget and its notifications."""
        target = _target(resource_id)
        answer = self.find(aws, "describe_budget", **target)
        if answer is None:
            return None
        budget = answer["Budget"]
        account, name = target["AccountId"], target["BudgetName"]
        props = {
            **self.properties({key: value for key, value in budget.items() if key != "CostFilters"}),
            "name": name,
            "accountId": account,
            "arn": f"arn:aws:budgets::{account}:budget/{name}",
            "costFilters": [
                {"name": key, "values": budget["CostFilters"][key]} for key in budget.get("CostFilters") or {}
            ],
            "notifications": self._notifications(aws, target),
        }
        if budget.get("BudgetLimit"):
            props |= {"limitAmount": budget["BudgetLimit"]["Amount"], "limitUnit": budget["BudgetLimit"]["Unit"]}
        for word, value in (budget.get("TimePeriod") or {}).items():
            props[f"timePeriod{word}"] = value.astimezone(UTC).strftime(_TIME_FORMAT)
        return props

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change the budget and replace the notifications that changed."""
        target = _target(resource_id)
        self.call(aws, "update_budget", AccountId=target["AccountId"], NewBudget=self._to_aws(aws, new))
        before = {repr(_plain(item)): item for item in old.get("notifications") or []}
        after = {repr(_plain(item)): item for item in new.get("notifications") or []}
        for item in (before[key] for key in before.keys() - after.keys()):
            self.find(aws, "delete_notification", **target, Notification=_notification(item))
        for item in (after[key] for key in sorted(after.keys() - before.keys())):
            subscribers = _subscribers(item)
            self.call(aws, "create_notification", **target, Notification=_notification(item), Subscribers=subscribers)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the budget."""
        self.find(aws, "delete_budget", **_target(resource_id))

    def list(self, aws: Session) -> Iterator[str]:
        """List the budgets of the account."""
        for budget in self.pages(aws, "describe_budgets", "Budgets", AccountId=aws.account_id):
            yield f"{aws.account_id}:{budget['BudgetName']}"

    def _to_aws(self, aws: Session, props: Props) -> dict[str, Any]:
        shape = aws.client("budgets").meta.service_model.shape_for("Budget")
        skipped = ("costFilters", "plannedLimits", "tags")
        budget: dict[str, Any] = translate.to_shape(
            shape, {name: value for name, value in props.items() if name not in skipped}, self.names
        )
        if props.get("limitAmount"):
            budget["BudgetLimit"] = {"Amount": props["limitAmount"], "Unit": props.get("limitUnit") or "USD"}
        if props.get("costFilters"):
            budget["CostFilters"] = {item["name"]: item["values"] for item in props["costFilters"]}
        period = {
            word: _time(props[f"timePeriod{word}"]) for word in ("Start", "End") if props.get(f"timePeriod{word}")
        }
        return budget | ({"TimePeriod": period} if period else {})

    def _notifications(self, aws: Session, target: dict[str, str]) -> Any:
        client, result = aws.client("budgets"), []
        answer = found(client.describe_notifications_for_budget, **target) or {}
        for notification in answer.get("Notifications") or []:
            item: Props = {
                name: translate.scalar(notification[word])
                for name, word in _NOTIFICATION.items()
                if word in notification
            }
            asked = {word: notification[word] for word in _NOTIFICATION.values() if word in notification}
            listed = client.describe_subscribers_for_notification(**target, Notification=asked)["Subscribers"]
            for name, kind in _SUBSCRIBERS.items():
                addresses = [entry["Address"] for entry in listed if entry["SubscriptionType"] == kind]
                item |= {name: addresses} if addresses else {}
            result.append(item)
        return result


def _plain(item: Any) -> Any:
    """Return a filter or notification with its lists in order and nothing empty."""
    if not isinstance(item, dict):
        return item
    return {key: sorted(item[key]) if isinstance(item[key], list) else item[key] for key in sorted(item) if item[key]}


def _target(resource_id: str) -> dict[str, str]:
    account, _, name = resource_id.partition(":")
    return {"AccountId": account, "BudgetName": name}


def _time(text: str) -> datetime:
    return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)


def _notification(item: Props) -> dict[str, Any]:
    return {word: item[name] for name, word in _NOTIFICATION.items() if item.get(name) is not None}


def _subscribers(item: Props) -> list[dict[str, str]]:
    return [
        {"SubscriptionType": kind, "Address": address}
        for name, kind in _SUBSCRIBERS.items()
        for address in item.get(name) or []
    ]


RESOURCE = Budget()

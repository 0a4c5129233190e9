"""`aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration`."""

from typing import Any

from modelyard.localcloud.provider.s3 import BucketSetting
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import from_pairs, to_pairs
from modelyard.wire import Props


class BucketLifecycleConfiguration(BucketSetting):
    """When a bucket's objects move to cheaper storage, and when they expire."""

    pulumi_type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    setting = "bucket_lifecycle_configuration"
    parameter = "LifecycleConfiguration"
    deleting = "delete_bucket_lifecycle"
    unread = frozenset({"expectedBucketOwner", "timeouts", "transitionDefaultMinimumObjectSize"})

    def to_aws(self, aws: Session, props: Props) -> Any:
        """Return the rules; a rule without a filter applies to every object."""
        rules = [{**rule, "filter": _filter_to_aws(rule)} for rule in props.get("rules") or []]
        return self.shaped(aws, {"rules": rules})

    def from_aws(self, answer: dict[str, Any]) -> Props | None:
        """Read the rules."""
        rules = []
        for rule in answer.get("Rules", []):
            known = self.properties({"Rules": [rule]})["rules"][0]
            chosen = _filter_from_aws(rule.get("Filter") or {})
            rules.append({name: value for name, value in known.items() if name != "filter"} | chosen)
        return {"rules": rules} if rules else None


def _filter_to_aws(rule: Props) -> Props:
    chosen = dict(rule.get("filter") or {"prefix": rule.get("prefix") or ""})
    if chosen.get("and"):
        tags = chosen["and"].get("tags")
        chosen["and"] = {**chosen["and"], "tags": to_pairs(tags)} if tags else chosen["and"]
    return chosen


def _filter_from_aws(chosen: dict[str, Any]) -> Props:
    names = ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
    parts: Props = {name[0].lower() + name[1:]: chosen[name] for name in names if name in chosen}
    if "Tag" in chosen:
        parts["tag"] = {"key": chosen["Tag"]["Key"], "value": chosen["Tag"]["Value"]}
    if "And" in chosen:
        parts["and"] = _filter_from_aws(chosen["And"])["filter"]
        if chosen["And"].get("Tags"):
            parts["and"]["tags"] = from_pairs(chosen["And"]["Tags"])
    return {} if parts == {"prefix": ""} else {"filter": parts}


RESOURCE = BucketLifecycleConfiguration()

"""Who did what: trails that are whole, and can be trusted."""

from modelyard.policies.plan import Plan
from modelyard.policies.rule import Found, rule

_TRAIL = "aws:cloudtrail/trail:Trail"


@rule(
    "trail-validated",
    title="A trail can be told from a forged one",
    reason="who breaks in changes the log first",
    mend="set enable_log_file_validation to true",
)
def validated(plan: Plan) -> Found:
    """Find trails without digests."""
    for it in plan.of(_TRAIL):
        if it.knows("enableLogFileValidation") and it.inputs.get("enableLogFileValidation") is not True:
            yield it, "its files carry no digests"


@rule(
    "trail-encrypted",
    title="A trail is encrypted with a key",
    reason="it names people, roles and resources",
    mend="set kms_key_id to a key whose policy lets CloudTrail use it",
)
def encrypted(plan: Plan) -> Found:
    """Find trails without a key."""
    for it in plan.of(_TRAIL):
        if not it.inputs.get("kmsKeyId"):
            yield it, "it has no key"


@rule(
    "trail-everywhere",
    title="A trail hears of every region and of global services",
    reason="what is done elsewhere, or to IAM, is what an intruder does",
    mend="set is_multi_region_trail and include_global_service_events to true",
)
def everywhere(plan: Plan) -> Found:
    """Find trails of one region, and those that are off."""
    for it in plan.of(_TRAIL):
        off = [
            name
            for name, default in (
                ("isMultiRegionTrail", False),
                ("includeGlobalServiceEvents", True),
                ("enableLogging", True),
            )
            if it.knows(name) and it.inputs.get(name, default) is not True
        ]
        if off:
            yield it, f"{', '.join(off)} is off"

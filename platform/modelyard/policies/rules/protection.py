"""What may not be lost."""

from modelyard.policies.plan import Plan
from modelyard.policies.rule import Found, rule

_LASTING = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:kms/key:Key",
    "aws:dynamodb/table:Table",
    "aws:ecr/repository:Repository",
    "aws:efs/fileSystem:FileSystem",
    "aws:rds/instance:Instance",
    "aws:sagemaker/domain:Domain",
    "aws:sagemaker/featureGroup:FeatureGroup",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
)


@rule(
    "lasting-protected",
    title="What lasts is protected in a protected environment",
    reason="a change of a name would replace a bucket, a key or a table, and what it holds",
    mend="give the component the stack's options (stack.options), or protect=True",
)
def lasting(plan: Plan) -> Found:
    """Find stateful resources of a protected environment that may be deleted."""
    for it in plan.of(*_LASTING):
        if plan.protected and not it.protect:
            yield it, "it may be deleted"


@rule(
    "tables-recoverable",
    title="Tables come back",
    reason="features that are lost have to be computed anew, if they can be",
    mend="set point_in_time_recovery with enabled",
)
def tables(plan: Plan) -> Found:
    """Find tables of a protected environment without recovery."""
    for it in plan.of("aws:dynamodb/table:Table"):
        enabled = any(block.get("enabled") is True for block in it.items("pointInTimeRecovery"))
        if plan.protected and it.knows("pointInTimeRecovery") and not enabled:
            yield it, "it has no recovery to a point in time"

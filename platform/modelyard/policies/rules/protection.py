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


# What goes with a resource; feature groups are not here, as their component refuses such changes itself.
_HOLDS = {
    "aws:s3/bucket:Bucket": "its objects: copy them with aws s3 sync",
    "aws:s3/bucketV2:BucketV2": "its objects: copy them with aws s3 sync",
    "aws:kms/key:Key": "the key: what it encrypted can be read no more, so copy that under another key",
    "aws:dynamodb/table:Table": "its items: export them to S3",
    "aws:ecr/repository:Repository": "its images: push them to another repository",
    "aws:efs/fileSystem:FileSystem": "its files: make a backup",
    "aws:rds/instance:Instance": "its tables: make a snapshot",
    "aws:sagemaker/domain:Domain": "its users' home folders: copy them from its file system to S3",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": "its models: promote them to another environment",
}


@rule(
    "lasting-kept",
    title="What holds data is not replaced or deleted on the way",
    reason="a change of a name, a network or a region makes a new and empty one in its place",
    mend="put the setting back; or save what it holds, and exempt the resource in policy.exemptions until it is done",
)
def kept(plan: Plan) -> Found:
    """Find resources that a plan would empty."""
    for it in plan.resources:
        if it.lost and it.type in _HOLDS:
            yield it, f"it would be {it.lost}, and with it went {_HOLDS[it.type]}"


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

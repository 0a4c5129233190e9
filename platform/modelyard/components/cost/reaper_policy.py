"""Policies of the reaper: it may take branches' stacks of this platform away, and nothing else.

Which conditions an action knows is in AWS's "Service Authorization Reference". What has no tags (versions of models,
log groups that AWS makes) is scoped by its kind; before a deletion, the tags of all that a state names are looked at
(`previews/ownership.py`).
"""

from collections.abc import Sequence
from typing import Any

from modelyard.naming import NONE, PREVIEWS, Scope

_MODELS_PATH = "models"  # of models' roles, as `components/identity/realm.py` has it
_STOPPED = ("AutoML", "HyperParameterTuning", "Processing", "Training", "Transform")
_DELETED = ("Endpoint", "EndpointConfig", "FeatureGroup", "Model", "ModelPackageGroup", "Pipeline")
_DELETED_TOO = ("HyperParameterTuningJob", "ProcessingJob", "TrainingJob")
_LISTED = (
    "EndpointConfigs",
    "Endpoints",
    "FeatureGroups",
    "ModelPackageGroups",
    "ModelPackages",
    "Models",
    "Pipelines",
)
_LOOKED_AT = ("Endpoint", "EndpointConfig", "FeatureGroup", "ModelPackageGroup", "Pipeline")
_KINDS = (
    *("automl-job", "endpoint", "endpoint-config", "feature-group", "hyper-parameter-tuning-job", "model"),
    *("model-package", "model-package-group", "pipeline", "processing-job", "training-job", "transform-job"),
)

Statement = dict[str, Any]


def trust(account_id: str, service: str) -> Statement:
    """Let a service take a role on behalf of this account alone."""
    condition = {"StringEquals": {"aws:SourceAccount": account_id}}
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**allow, "Condition": condition}]}


def start(project_arn: str) -> Statement:
    """Let the schedule start the reaper."""
    return {"Version": "2012-10-17", "Statement": [_allow("Start", ["codebuild:StartBuild"], project_arn)]}


def reaper(scope: Scope, account_id: str, log_group: str, buckets: Sequence[str]) -> Statement:
    """Let the reaper look at what branches' stacks have, and delete it.

    Args:
        scope: whose reaper it is; its environment is the platform's.
        account_id: twelve digits.
        log_group: the name of its own log group.
        buckets: the platform's buckets that branches write to.
    """
    where = _Where(scope, account_id)
    deletes = [f"sagemaker:Delete{kind}" for kind in (*_DELETED, *_DELETED_TOO)]
    stops = [f"sagemaker:Stop{kind}Job" for kind in _STOPPED]
    roles = f"arn:{scope.partition}:iam::{account_id}:role/{_MODELS_PATH}/*"
    names = [f"arn:{scope.partition}:s3:::{it}" for it in buckets]
    return {
        "Version": "2012-10-17",
        "Statement": [
            *_looks(where, log_group, roles),
            _allow("Delete", [*deletes, *stops, "sagemaker:StopPipelineExecution"], where.models, where.own),
            _allow("DeleteVersions", ["sagemaker:DeleteModelPackage"], where.arn("sagemaker", "model-package/*")),
            _allow("DeleteRoles", ["iam:DeleteRole", "iam:DeleteRolePolicy"], roles, where.own),
            _allow(
                "DeleteRules", ["events:DeleteRule", "events:RemoveTargets"], where.arn("events", "rule/*"), where.own
            ),
            _allow("DeleteFunctions", _lambda("DeleteFunction", "RemovePermission"), where.functions, where.own),
            _allow("DeleteAlarms", ["cloudwatch:DeleteAlarms"], where.arn("cloudwatch", "alarm:*"), where.own),
            _allow("DeleteScaling", _scaling(), where.arn("application-autoscaling", "scalable-target/*"), where.own),
            _allow("DeleteLogs", ["logs:DeleteLogGroup", "logs:DeleteLogStream"], where.logs),
            _allow("SeeObjects", _s3("ListBucket", "ListBucketMultipartUploads", "ListBucketVersions"), names),
            _allow(
                "DeleteObjects",
                _s3("AbortMultipartUpload", "DeleteObject", "DeleteObjectVersion", "GetObject"),
                [f"{it}/{PREVIEWS}/*" for it in names],
            ),
            _no_environments(),
        ],
    }


def state(scope: Scope, backend: str, key_arn: str, secret_arn: str) -> Statement:
    """Let the reaper read and change the stacks' states.

    Args:
        scope: whose reaper it is.
        backend: the address of the state, in S3.
        key_arn: the key of the bucket, or of the states' secrets; empty for none.
        secret_arn: the secret that holds their passphrase; empty for none.
    """
    bucket = f"arn:{scope.partition}:s3:::{backend.removeprefix('s3://').partition('?')[0].partition('/')[0]}"
    words = _s3("DeleteObject", "GetObject", "PutObject")
    found = [
        _allow("States", words, f"{bucket}/*"),
        _allow("SeeStates", _s3("GetBucketLocation", "ListBucket"), bucket),
    ]
    if key_arn:
        found.append(_allow("StateKey", ["kms:Decrypt", "kms:GenerateDataKey"], key_arn))
    if secret_arn:
        found.append(_allow("Passphrase", ["secretsmanager:GetSecretValue"], secret_arn))
    return {"Version": "2012-10-17", "Statement": found}


class _Where:
    """The ARNs of one account and region, and the condition that something is a branch's here."""

    def __init__(self, scope: Scope, account_id: str) -> None:
        self._scope, self._account_id = scope, account_id
        tag = "aws:ResourceTag/modelyard"
        self.own = {
            "StringEquals": {f"{tag}:platform": scope.environment, f"{tag}:protect": "false"},
            "StringLike": {f"{tag}:branch": "?*"},
            "StringNotEquals": {f"{tag}:branch": NONE},
        }
        self.here = {"StringEquals": {"aws:RequestedRegion": scope.region}}
        self.models = [self.arn("sagemaker", f"{kind}/*") for kind in _KINDS]
        self.functions = self.arn("lambda", "function:*")
        self.logs = [self.arn("logs", f"log-group:/aws/{service}/*") for service in ("sagemaker", "lambda")]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self._scope.partition}:{service}:{self._scope.region}:{self._account_id}:{resource}"


def _looks(where: _Where, log_group: str, roles: str) -> list[Statement]:
    """See what there is; most lists take no ARN."""
    lists = [f"sagemaker:List{kind}" for kind in (*_LISTED, *(f"{kind}Jobs" for kind in _STOPPED))]
    lists += ["logs:DescribeLogGroups", "tag:GetResources", "application-autoscaling:DescribeScalableTargets"]
    looks = ["sagemaker:ListTags", "sagemaker:ListPipelineExecutions", "sagemaker:DescribeModelPackage"]
    looks += [f"sagemaker:Describe{kind}" for kind in _LOOKED_AT]
    images = ["ecr:DescribeRepositories", "ecr:ListImages"]
    in_roles = [
        "iam:GetRole",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies",
    ]
    log = [f"logs:{word}" for word in ("CreateLogStream", "PutLogEvents")]
    own_log = where.arn("logs", f"log-group:{log_group}:*")
    return [
        _allow("Log", log, own_log),
        _allow("List", lists, "*", where.here),
        _allow("Look", looks, where.models),
        _allow(
            "LookAtLogs", ["logs:DescribeLogStreams", "logs:ListTagsForResource", "logs:ListTagsLogGroup"], where.logs
        ),
        _allow("LookAtImages", images, where.arn("ecr", "repository/*")),
        _allow("LookAtRoles", in_roles, roles),
        _allow("LookAtRules", ["events:DescribeRule", "events:ListTargetsByRule"], where.arn("events", "rule/*")),
        _allow("LookAtFunctions", _lambda("GetFunction", "GetPolicy"), where.functions),
    ]


def _no_environments() -> Statement:
    """Refuse whatever says in its tags that it is no branch's; that outweighs all that is allowed."""
    deleting = [f"{it}:Delete*" for it in ("cloudwatch", "events", "iam", "lambda", "logs", "sagemaker")]
    return {
        "Sid": "NoEnvironments",
        "Effect": "Deny",
        "Action": [*deleting, "events:Remove*", "sagemaker:Stop*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/modelyard:branch": NONE}},
    }


def _s3(*words: str) -> list[str]:
    return [f"s3:{word}" for word in words]


def _lambda(*words: str) -> list[str]:
    return [f"lambda:{word}" for word in words]


def _scaling() -> list[str]:
    return [f"application-autoscaling:{word}" for word in ("DeleteScalingPolicy", "DeregisterScalableTarget")]


def _allow(
    sid: str, actions: list[str], resource: str | list[str], condition: dict[str, Any] | None = None
) -> Statement:
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement

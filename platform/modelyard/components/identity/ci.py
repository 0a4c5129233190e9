"""Roles for pipelines of GitHub Actions, GitLab and CircleCI: who may take them, and what they may do.

Trust is limited by the token's audience and subject. What each provider writes there is in its own documentation:
"About security hardening with OpenID Connect" (GitHub), "OpenID Connect (OIDC) Authentication Using ID Tokens"
(GitLab), "Using OpenID Connect tokens in jobs" (CircleCI; its tokens of version 2 name the branch).
"""

from dataclasses import dataclass

from modelyard.components.identity import statements as may
from modelyard.components.identity.realm import (
    MODELS_PATH,
    Condition,
    Document,
    Realm,
    Statement,
    actions,
    allow,
    boundary_name,
    document,
)
from modelyard.components.identity.settings import CircleCi, ContinuousIntegrationSettings, GitHub, GitLab
from modelyard.naming import MODELS, NONE, PREVIEWS

_MADE = ("endpoint", "endpoint-config", "model", "model-package-group", "pipeline")
_CHANGES = (
    "application-autoscaling:*",
    "cloudwatch:DeleteAlarms",
    "cloudwatch:PutMetricAlarm",
    "events:Delete*",
    "events:Put*",
    "events:Remove*",
    "events:UntagResource",
    "iam:Delete*",
    "iam:PassRole",
    "iam:Put*",
    "iam:Update*",
    "lambda:Delete*",
    "lambda:Update*",
    "logs:Delete*",
    "logs:UntagResource",
    "sagemaker:AddTags",
    "sagemaker:Delete*",
    "sagemaker:Start*",
    "sagemaker:Stop*",
    "sagemaker:Update*",
)


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What of one service a stack's resources need.

    Args:
        service: the service's word in actions.
        make: what brings a resource, with tags.
        keep: what changes one that has them, and takes it away.
    """

    service: str
    make: tuple[str, ...]
    keep: tuple[str, ...]


_OTHERS = (
    _Work(
        service="logs",
        make=("CreateLogGroup", "TagResource"),
        keep=("DeleteLogGroup", "PutRetentionPolicy", "UntagResource"),
    ),
    _Work(
        service="cloudwatch",
        make=("PutMetricAlarm", "TagResource"),
        keep=("DeleteAlarms", "PutMetricAlarm", "UntagResource"),
    ),
    _Work(
        service="events",
        make=("PutRule", "TagResource"),
        keep=("DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "UntagResource"),
    ),
    _Work(
        service="lambda",
        make=("CreateFunction", "TagResource"),
        keep=(
            "AddPermission",
            "DeleteFunction",
            "RemovePermission",
            "UntagResource",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
        ),
    ),
    _Work(
        service="application-autoscaling",
        make=("RegisterScalableTarget", "TagResource"),
        keep=(
            "DeleteScalingPolicy",
            "DeregisterScalableTarget",
            "ListTagsForResource",
            "PutScalingPolicy",
            "RegisterScalableTarget",
            "UntagResource",
        ),
    ),
)
_KINDS = ("Endpoint", "EndpointConfig", "Model", "ModelPackageGroup", "Pipeline")


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """Who signs the tokens of one provider's pipelines, and whose tokens count.

    Args:
        word: the provider's word in names.
        url: the issuer, with `https://`.
        audience: the token's `aud`.
        deploy: the `sub` of pipelines that may deploy; `*` stands for any text.
        plan: the `sub` of pipelines that may look.
        branches: the `sub` of pipelines that may bring stacks of branches.
        exists: whether the account has the identity provider already.
    """

    word: str
    url: str
    audience: str
    deploy: tuple[str, ...]
    plan: tuple[str, ...]
    branches: tuple[str, ...]
    exists: bool

    @property
    def host(self) -> str:
        """The issuer as IAM's condition keys name it."""
        return self.url.removeprefix("https://")


def issuers(settings: ContinuousIntegrationSettings, environment: str) -> list[Issuer]:
    """Return the issuers that are chosen.

    Args:
        settings: the choices.
        environment: the platform's environment; GitHub's tokens of jobs in an environment name that, not the branch.
    """
    made = (
        _github(settings.github, environment) if settings.github else None,
        _gitlab(settings.gitlab) if settings.gitlab else None,
        _circleci(settings.circleci) if settings.circleci else None,
    )
    return [issuer for issuer in made if issuer]


def _github(chosen: GitHub, environment: str) -> Issuer:
    branches = [f"repo:{it}:ref:refs/heads/{branch}" for it in chosen.repositories for branch in chosen.branches]
    return Issuer(
        word="github",
        url="https://token.actions.githubusercontent.com",
        audience="sts.amazonaws.com",
        deploy=(*branches, *(f"repo:{it}:environment:{environment}" for it in chosen.repositories)),
        plan=tuple(f"repo:{it}:pull_request" for it in chosen.repositories),
        branches=tuple(f"repo:{it}:environment:branches" for it in chosen.repositories),
        exists=chosen.existing_provider,
    )


def _gitlab(chosen: GitLab) -> Issuer:
    start = "project_path:{}:ref_type:branch:ref:{}"
    return Issuer(
        word="gitlab",
        url=chosen.url,
        audience=chosen.url,
        deploy=tuple(start.format(it, branch) for it in chosen.repositories for branch in chosen.branches),
        plan=tuple(start.format(it, "*") for it in chosen.repositories),
        branches=tuple(start.format(it, "*") for it in chosen.repositories),
        exists=chosen.existing_provider,
    )


def _circleci(chosen: CircleCi) -> Issuer:
    start = f"org/{chosen.organization_id}/project/{{}}/user/*/vcs-origin/{{}}/vcs-ref/refs/heads/{{}}"
    projects = [(project, origin) for origin, project in chosen.repositories.items()]
    return Issuer(
        word="circleci",
        url=f"https://oidc.circleci.com/org/{chosen.organization_id}",
        audience=chosen.organization_id,
        deploy=tuple(start.format(*project, branch) for project in projects for branch in chosen.branches),
        plan=tuple(start.format(*project, "*") for project in projects),
        branches=tuple(start.format(*project, "*") for project in projects),
        exists=chosen.existing_provider,
    )


def trust_pipelines(issuer: Issuer, subjects: tuple[str, ...], provider_arn: str) -> Document:
    """Let pipelines with one of some subjects take a role.

    Args:
        issuer: who signs their tokens.
        subjects: what `sub` may be; where one has a `*`, all are compared as patterns.
        provider_arn: the identity provider of IAM.
    """
    operator = "StringLike" if any("*" in subject for subject in subjects) else "StringEquals"
    audience = {"StringEquals": {f"{issuer.host}:aud": issuer.audience}}
    subject = {operator: {f"{issuer.host}:sub": list(subjects)}}
    condition = {key: {**audience.get(key, {}), **subject.get(key, {})} for key in (*audience, *subject)}
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }
    )


def deploy(realm: Realm) -> Document:
    """Let pipelines bring models to this environment: their stacks' resources, roles, code and runs.

    The roles that they make are below the path of models' roles, and carry the platform's boundary. The platform's own
    stacks make other roles, and keys; those are brought by people, not by a model's pipeline.
    """
    create = actions("sagemaker", *(f"Create{kind}" for kind in _KINDS))
    tagged = {"aws:RequestTag/modelyard:platform": realm.scope.environment}
    made_by: Condition = {"StringEquals": {**tagged, "sagemaker:TaggingAction": [f"Create{kind}" for kind in _KINDS]}}
    update = ("UpdateEndpoint", "UpdateEndpointWeightsAndCapacities", "UpdatePipeline")
    delete = (f"Delete{kind}" for kind in _KINDS)
    change = actions("sagemaker", *update, *delete, "AddTags", "DeleteTags")
    code = [f"{realm.bucket_arn}/{prefix}/*" for prefix in (MODELS, PREVIEWS)]
    return document(
        *plan(realm)["Statement"],
        allow("Create", create, realm.sagemaker(*_MADE), {"StringEquals": tagged}),
        allow("Tag", ["sagemaker:AddTags"], realm.sagemaker(*_MADE), made_by),
        allow("Change", change, realm.sagemaker(*_MADE), may.ours(realm)),
        allow("Run", ["sagemaker:StartPipelineExecution"], realm.sagemaker("pipeline"), may.ours(realm)),
        allow("Stop", ["sagemaker:StopPipelineExecution"], may.executions(realm)),
        allow("Packages", _package_actions(), realm.sagemaker("model-package", "model-package-group")),
        allow("Code", actions("s3", "DeleteObject", "PutObject", "PutObjectTagging"), code),
        allow("Encrypt", actions("kms", "GenerateDataKey"), [realm.key_arn]),
        allow("Dashboards", _dashboard_actions(), [_dashboards(realm)]),
        *_roles(realm),
        *_others(realm),
    )


def _others(realm: Realm) -> list[Statement]:
    """Make and keep what services other than SageMaker have of a model's stack, by its tags.

    A dashboard is not among them: CloudWatch knows no tags of it. One statement for all of them leaves room within
    IAM's limit on a role's policies.
    """
    made = [it for work in _OTHERS for it in actions(work.service, *work.make)]
    kept = [it for work in _OTHERS for it in actions(work.service, *work.keep)]
    rest = ("events", "rule/*"), ("lambda", "function:*"), ("application-autoscaling", "scalable-target/*")
    where = [*_log_groups(realm), *_alarms(realm), *(realm.arn(*it) for it in rest)]
    return [
        allow("MakeOthers", made, where, may.becoming_ours(realm)),
        allow("KeepOthers", kept, where, may.ours(realm)),
    ]


def branches(realm: Realm) -> Document:
    """Let pipelines of any branch bring stacks of branches, and never touch what belongs to an environment.

    All that an environment has says in its tags that it is no branch's; that refusal outweighs whatever is allowed.
    """
    code = {"Code", "Encrypt"}
    allowed = [_sweeping(it) for it in deploy(realm)["Statement"] if it["Sid"] not in code]
    objects = actions(
        "s3", "AbortMultipartUpload", "DeleteObject", "DeleteObjectVersion", "PutObject", "PutObjectTagging"
    )
    return document(
        *allowed,
        allow("Code", objects, [f"{it}/{PREVIEWS}/*" for it in (realm.bucket_arn, realm.capture_bucket_arn)]),
        allow("Encrypt", actions("kms", "GenerateDataKey"), [realm.key_arn]),
        *_sweep(realm),
        {
            "Sid": "NoEnvironments",
            "Effect": "Deny",
            "Action": list(_CHANGES),
            "Resource": ["*"],
            "Condition": {"StringEquals": {"aws:ResourceTag/modelyard:branch": NONE}},
        },
    )


def _sweep(realm: Realm) -> list[Statement]:
    """Take away what a branch's jobs left, and look for what is left in the end: `previews/leftovers.py` does both."""
    versions = actions("s3", "ListBucketMultipartUploads", "ListBucketVersions")
    jobs = [realm.arn("sagemaker", "*-job/*")]
    return [
        allow("SeeVersions", versions, [realm.bucket_arn, realm.capture_bucket_arn]),
        allow("SeeImages", actions("ecr", "DescribeRepositories", "ListImages"), [realm.arn("ecr", "repository/*")]),
        allow("Jobs", actions("sagemaker", "Delete*Job", "Stop*Job"), jobs, may.ours(realm)),
    ]


def _sweeping(statement: Statement) -> Statement:
    """Add what `_sweep` needs of what is allowed already; a role's policies have 10,240 characters in all."""
    lists = [f"List{kind}s" for kind in ("AutoMLJob", "EndpointConfig", "FeatureGroup", "Pipeline", *may.JOBS)]
    more = {
        "LogGroups": actions("logs", "DeleteLogStream", "ListTagsLogGroup"),
        "See": [*actions("sagemaker", *lists), "tag:GetResources"],
    }
    return {**statement, "Action": [*statement["Action"], *more.get(statement["Sid"], ())]}


def plan(realm: Realm) -> Document:
    """Let pipelines preview models in this environment: see all that a model's stack has, change nothing."""
    described = actions("sagemaker", "ListTags", *(f"Describe{kind}" for kind in _KINDS))
    executions = ("DescribePipelineExecution", "ListPipelineExecutionSteps", "ListPipelineExecutions")
    logs = actions("logs", "DescribeLogStreams", "ListTagsForResource")
    roles = actions("iam", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies", "ListRoleTags")
    rules = actions("events", "DescribeRule", "ListTagsForResource", "ListTargetsByRule")
    functions = actions("lambda", "GetFunction", "GetFunctionConfiguration", "GetPolicy", "ListTags")
    scaling = actions("application-autoscaling", "DescribeScalableTargets", "DescribeScalingPolicies")
    return document(
        *may.read_data(realm),
        allow("Described", described, realm.sagemaker(*_MADE)),
        allow("Executions", actions("sagemaker", *executions), may.pipelines(realm)),
        allow(
            "Registry",
            actions("sagemaker", "DescribeModelPackage", "ListModelPackages"),
            realm.sagemaker("model-package"),
        ),
        allow("LogGroups", logs, _log_groups(realm)),
        allow("SeeAlarms", actions("cloudwatch", "DescribeAlarms", "ListTagsForResource"), _alarms(realm)),
        allow("SeeRoles", roles, [_model_roles(realm)]),
        allow("SeeRules", rules, [realm.arn("events", "rule/*")]),
        allow("SeeFunctions", functions, [realm.arn("lambda", "function:*")]),
        allow(
            "See",
            ["logs:DescribeLogGroups", "sagemaker:ListModelPackageGroups", *scaling],
            ["*"],
            may.in_region(realm),
        ),
    )


def _roles(realm: Realm) -> list[Statement]:
    """Make and keep models' roles, none without the boundary, and hand them to the services that take them."""
    bounded = {"StringEquals": {"iam:PermissionsBoundary": realm.iam_arn(f"policy/{boundary_name(realm.scope)}")}}
    takers = [f"{it}.amazonaws.com" for it in ("events", "lambda", "sagemaker")]
    make = actions("iam", "CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy")
    keep = ("DeleteRole", "DeleteRolePolicy", "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole")
    return [
        allow("MakeRoles", make, [_model_roles(realm)], bounded),
        allow("KeepRoles", actions("iam", *keep), [_model_roles(realm)]),
        allow("PassRoles", ["iam:PassRole"], [_model_roles(realm)], {"StringEquals": {"iam:PassedToService": takers}}),
    ]


def _model_roles(realm: Realm) -> str:
    return realm.iam_arn(f"role/{MODELS_PATH}/*")


def _package_actions() -> list[str]:
    return actions("sagemaker", "CreateModelPackage", "DeleteModelPackage", "UpdateModelPackage")


def _log_groups(realm: Realm) -> list[str]:
    return [realm.arn("logs", f"log-group:/aws/{service}/*") for service in ("sagemaker", "lambda")]


def _dashboard_actions() -> list[str]:
    return actions("cloudwatch", "DeleteDashboards", "GetDashboard", "PutDashboard")


def _alarms(realm: Realm) -> list[str]:
    return [realm.arn("cloudwatch", "alarm:*")]


def _dashboards(realm: Realm) -> str:
    return f"arn:{realm.scope.partition}:cloudwatch::{realm.account_id}:dashboard/*"

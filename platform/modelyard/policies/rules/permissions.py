"""What identities may do: no wildcards, no administrators, no long-lived credentials."""

import re
from collections.abc import Iterator, Sequence

from modelyard.policies import documents
from modelyard.policies.documents import Statement, statements
from modelyard.policies.plan import Plan, Planned
from modelyard.policies.rule import Found, rule

# Actions that AWS gives no resource type, as the Service Authorization Reference has them: `*` is all they take.
_UNSCOPED = re.compile(
    r"""ecr:GetAuthorizationToken
    |cloudwatch:(PutMetricData|GetMetricData|GetMetricStatistics|ListMetrics|DescribeAlarmsForMetric|ListDashboards)
    |ec2:Describe\w+
    |sts:(GetCallerIdentity|GetSessionToken)
    |s3:ListAllMyBuckets
    |kms:(ListAliases|ListKeys)
    |xray:Put\w+
    |logs:(CreateLogDelivery|GetLogDelivery|UpdateLogDelivery|DeleteLogDelivery|ListLogDeliveries
          |PutResourcePolicy|DescribeResourcePolicies|DeleteResourcePolicy|DescribeLogGroups|DescribeQueries|StopQuery)
    |sagemaker:(List\w+|Search|GetSearchSuggestions)
    |tag:\w+|ce:\w+|pricing:\w+
    |servicequotas:Get\w+
    |application-autoscaling:Describe\w+
    |elasticfilesystem:DescribeMountTargets
    |iam:(ListRoles|ListPolicies|ListAccountAliases|ListOpenIDConnectProviders|GetAccountSummary)
    |cloudtrail:(DescribeTrails|ListTrails)
    |glue:GetDataCatalogEncryptionSettings""",
    re.VERBOSE,
)
_ADMINISTRATORS = re.compile(
    r"arn:aws[\w-]*:iam::aws:policy/(job-function/)?(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w+FullAccess)"
)
_ATTACHMENTS = (
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
)
_ARN_PARTS = 6
_EVERY_ROLE = re.compile(r"\*|.*:\*|.*:role(/[*?/]*|[*?]+)")


def _allowing(plan: Plan) -> list[Statement]:
    limits = {it.urn for it in _boundaries(plan)}
    return [it for it in statements(plan, documents.IDENTITY) if it.allows and it.resource.urn not in limits]


def _boundaries(plan: Plan) -> Iterator[Planned]:
    """Return the policies that only say how far others may go: they allow nothing themselves."""
    for policy in plan.of("aws:iam/policy:Policy"):
        limits = plan.companions(policy, "aws:iam/role:Role", "aws:iam/user:User", by="permissionsBoundary")
        if limits and not plan.companions(policy, *_ATTACHMENTS, by="policyArn"):
            yield policy


def _wild(resources: Sequence[str]) -> bool:
    """Tell whether one of some resources is any of a service, or of all."""
    ends = [it.split(":", _ARN_PARTS - 1) for it in resources if "*" in it or "?" in it]
    return any(len(it) < _ARN_PARTS or not it[-1].strip("*?/:") for it in ends)


@rule(
    "iam-no-wildcard-action",
    title="Policies name the actions that they allow",
    reason="a role that may do everything in a service may destroy everything in it",
    mend="list the actions that are needed",
)
def wildcard_actions(plan: Plan) -> Found:
    """Find `*`, `service:*`, and whatever ends in a word, such as `iam:*Role`."""
    for it in _allowing(plan):
        if it.wild_actions:
            yield it.resource, f"{it.label} allows {', '.join(it.wild_actions)}"


@rule(
    "iam-no-wildcard-resource",
    title="Policies name the resources that they are about",
    reason="a permission on every resource reaches what belongs to others",
    mend="scope the statement by ARN, or by a condition on tags where the ARN is not known",
)
def wildcard_resources(plan: Plan) -> Found:
    """Find statements on `*` whose actions take ARNs and whose conditions don't scope them."""
    for it in _allowing(plan):
        scoped = [action for action in it.actions if not _UNSCOPED.fullmatch(action)]
        if scoped and _wild(it.resources) and not _is_scoped(it):
            yield it.resource, f"{it.label} allows {', '.join(scoped[:3])} on every resource"


def _is_scoped(statement: Statement) -> bool:
    tagged = ("aws:resourcetag/", "aws:requesttag/", "aws:tagkeys")
    own = any(":" in key and not key.startswith("aws:") for key in statement.conditions)
    return own or statement.is_bound or any(key.startswith(tagged) for key in statement.conditions)


@rule(
    "iam-no-negative-element",
    title="Policies say what they allow, not what they don't",
    reason="NotAction and NotResource allow whatever AWS adds tomorrow",
    mend="write Action and Resource; keep the negative ones for Deny",
)
def negative_elements(plan: Plan) -> Found:
    """Find Allow with NotAction, NotResource or NotPrincipal."""
    for where in (documents.IDENTITY, documents.RESOURCE, documents.TRUST, documents.ENDPOINT):
        for it in statements(plan, where):
            if it.allows and it.negative:
                yield it.resource, f"{it.label} allows by {', '.join(it.negative)}"


@rule(
    "iam-pass-role-scoped",
    title="iam:PassRole names the roles and the service",
    reason="who may pass any role to any service may become any role",
    mend="name the roles' ARNs, and add the condition iam:PassedToService",
)
def pass_role(plan: Plan) -> Found:
    """Find iam:PassRole on roles of any name, or to any service."""
    for it in _allowing(plan):
        if it.has_action("iam:passrole"):
            if any(map(_EVERY_ROLE.fullmatch, it.resources)):
                yield it.resource, f"{it.label} passes every role"
            elif "iam:passedtoservice" not in it.conditions:
                yield it.resource, f"{it.label} passes roles to every service"


@rule(
    "iam-no-administrators",
    title="No role has one of AWS's policies for administrators",
    reason="AdministratorAccess and the FullAccess policies allow more than any job needs",
    mend="write a policy of what is needed",
)
def administrators(plan: Plan) -> Found:
    """Find attachments of AWS's own administrators' policies."""
    for it in plan.of(*_ATTACHMENTS):
        if _ADMINISTRATORS.fullmatch(it.text("policyArn")):
            yield it, f"it attaches {it.text('policyArn')}"
    for role in plan.of("aws:iam/role:Role"):
        for arn in role.inputs.get("managedPolicyArns") or ():
            if isinstance(arn, str) and _ADMINISTRATORS.fullmatch(arn):
                yield role, f"it attaches {arn}"


@rule(
    "iam-no-long-lived-credentials",
    title="There are no users and no access keys",
    reason="a key that never ends leaks one day; roles give credentials that end by themselves",
    mend="use a role, and an OIDC provider where the caller is outside AWS",
)
def long_lived_credentials(plan: Plan) -> Found:
    """Find users, their keys and their passwords."""
    kinds = ("aws:iam/user:User", "aws:iam/accessKey:AccessKey", "aws:iam/userLoginProfile:UserLoginProfile")
    for it in plan.of(*kinds):
        yield it, "it is a long-lived credential, or made for one"

"""Who may take a role, and who may use a resource from outside."""

from collections.abc import Iterator

from modelyard.policies import documents
from modelyard.policies.documents import Statement, statements
from modelyard.policies.plan import Plan
from modelyard.policies.rule import Found, rule


@rule(
    "trust-no-public-role",
    title="Nobody takes a role but those it names",
    reason="a role that anybody may take is as good as published credentials",
    mend="name the service, the account or the identity provider as the principal",
)
def public_role(plan: Plan) -> Found:
    """Find roles that anybody may assume."""
    for it in statements(plan, documents.TRUST):
        if it.is_public:
            yield it.resource, f"{it.label} lets anybody take the role"


@rule(
    "trust-federation-scoped",
    title="Roles for pipelines name the repository",
    reason="without a condition on `sub`, every repository at the provider may take the role",
    mend="add a condition on the provider's `aud` and on `sub` with the organisation and the repository",
)
def federation(plan: Plan) -> Found:
    """Find web identities without an audience or a subject, or with one that starts with a wildcard."""
    for it in _federated(plan):
        subjects = _values(it, ":sub")
        if not subjects or not _values(it, ":aud"):
            yield it.resource, f"{it.label} has no condition on {'sub' if not subjects else 'aud'}"
        elif wide := [value for value in subjects if _is_wide(value)]:
            yield it.resource, f"{it.label} takes the subject {wide[0]}"


def _federated(plan: Plan) -> Iterator[Statement]:
    for it in statements(plan, documents.TRUST):
        federated = any(who.startswith("Federated:") for who in it.principals)
        if it.allows and (it.has_action("sts:assumerolewithwebidentity") or (federated and it.wild_actions)):
            yield it


def _values(statement: Statement, ending: str) -> list[str]:
    return [value for key, values in statement.conditions.items() if key.endswith(ending) for value in values]


def _is_wide(subject: str) -> bool:
    """Tell whether a subject leaves the organisation or the repository open, as in `repo:*` or `repo:acme/*`."""
    owner, _, rest = subject.partition("/")
    return "*" in owner or rest.startswith("*") or subject in ("", "*")


@rule(
    "trust-service-scoped",
    title="Services use roles and resources on behalf of this account alone",
    reason="a service that serves everybody can be asked by somebody else to use them (the confused deputy)",
    mend="add a condition on aws:SourceAccount or aws:SourceArn",
)
def services(plan: Plan) -> Found:
    """Find resource policies that let a service in without saying on whose behalf."""
    for it in statements(plan, documents.RESOURCE):
        served = [who for who in it.principals if who.startswith("Service:")]
        own = any(key.startswith("kms:encryptioncontext:") for key in it.conditions)
        if it.allows and served and not it.is_bound and not own and not _is_event_target(it):
            yield it.resource, f"{it.label} lets {served[0].partition(':')[2]} in on behalf of anybody"


def _is_event_target(statement: Statement) -> bool:
    """Tell whether EventBridge may publish to a topic: conditions on that are not supported, its user guide says."""
    alone = list(statement.principals) == ["Service:events.amazonaws.com"]
    return alone and statement.resource.type == "aws:sns/topicPolicy:TopicPolicy"


@rule(
    "resource-no-public-policy",
    title="No resource is open to everybody",
    reason="a policy for the principal * publishes the resource",
    mend="name the principals, or add a condition on aws:PrincipalOrgID or aws:SourceAccount",
)
def public_resource(plan: Plan) -> Found:
    """Find resource policies that allow anybody something; buckets have a rule of their own."""
    for it in statements(plan, documents.RESOURCE):
        if it.is_public and it.resource.type != "aws:s3/bucketPolicy:BucketPolicy":
            yield it.resource, f"{it.label} allows anybody {', '.join(it.actions[:3])}"


@rule(
    "resource-no-wildcard-action",
    title="Resource policies name the actions that they allow",
    reason="who may do everything with a resource may give it away",
    mend="list the actions; a key's policy may leave all of them to its own account's IAM",
)
def wildcard_actions(plan: Plan) -> Found:
    """Find `*` and `service:*` for anybody but the account that owns a key."""
    for it in statements(plan, documents.RESOURCE):
        if it.allows and it.wild_actions and not _is_own_key(it):
            yield it.resource, f"{it.label} allows {', '.join(it.wild_actions)}"


def _is_own_key(statement: Statement) -> bool:
    roots = [who for who in statement.principals if who.startswith("AWS:") and who.endswith(":root")]
    return statement.resource.type.startswith("aws:kms/") and len(roots) == len(statement.principals) == 1


@rule(
    "permission-scoped",
    title="Functions are invoked on behalf of this account alone",
    reason="a permission for a service without a source lets everybody's events in",
    mend="set sourceArn or sourceAccount",
)
def permissions(plan: Plan) -> Found:
    """Find Lambda permissions that say nothing of the source."""
    for it in plan.of("aws:lambda/permission:Permission"):
        given = it.inputs.get("sourceArn"), it.inputs.get("sourceAccount"), it.inputs.get("principalOrgId")
        tied = any(documents.ties(value) if isinstance(value, str) else value for value in given)
        if it.text("principal") == "*" or (".amazonaws.com" in it.text("principal") and not tied):
            yield it, f"it lets {it.text('principal')} in on behalf of anybody"

"""IAM's policy documents, read: which resources hold one, and what its statements allow.

Source: AWS, "IAM JSON policy element reference".
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from modelyard.policies.plan import Plan, Planned

IDENTITY = {
    "aws:iam/policy:Policy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
}
TRUST = {"aws:iam/role:Role": "assumeRolePolicy"}
ENDPOINT = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": "policy",
}
RESOURCE = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:secretsmanager/secret:Secret": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "resourcePolicy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:glue/resourcePolicy:ResourcePolicy": "policy",
}
# Condition keys that tie a request to an account, an organisation or a resource of one's own.
_BINDING = (
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "kms:calleraccount",
)


_SIGNS = {"*", "?"}
_ARN_PARTS = 6
# Operators that hold of whatever they don't name, or of what is missing.
_LOOSE = re.compile(r"ForAllValues:|.*Not|.*IfExists$|Null$")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a document.

    Args:
        resource: what holds the document.
        label: its Sid, or its place.
        allows: whether it allows; the other kind denies.
        actions: what it is about.
        resources: on what.
        principals: who, each as `Kind:value`; `*` for everybody.
        conditions: condition keys in lower case, with their values; only of operators that hold of nothing else.
        negative: its elements that say what it is not about, such as NotAction.
    """

    resource: Planned
    label: str
    allows: bool
    actions: Sequence[str] = ()
    resources: Sequence[str] = ()
    principals: Sequence[str] = ()
    conditions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    negative: Sequence[str] = ()

    @property
    def is_bound(self) -> bool:
        """Whether its conditions tie it to an account, an organisation or a resource; a `*` ties to nothing."""
        given = [self.conditions[key] for key in _BINDING if key in self.conditions]
        return any(all(map(ties, values)) for values in given)

    @property
    def wild_actions(self) -> list[str]:
        """Its actions that are any of a service, or any that end in a word, such as `iam:*Role`."""
        return [it for it in self.actions if it.rpartition(":")[2][:1] in ("*", "?")]

    def has_action(self, name: str) -> bool:
        """Tell whether an action is among its own, by its name or by a pattern; IAM knows no case.

        Args:
            name: in lower case, such as `iam:passrole`.
        """
        service = name.partition(":")[0]
        wild = self.wild_actions
        own = [it.lower() for it in self.actions if it not in wild and it.lower().startswith(f"{service}:")]
        return any(fnmatchcase(name, it) for it in own)

    @property
    def is_public(self) -> bool:
        """Whether anybody at all is allowed something."""
        return self.allows and "*" in self.principals and not self.is_bound


def ties(value: str) -> bool:
    """Tell whether a condition's value says whose something is: an account, an organisation, a bucket by its name."""
    parts = value.split(":", 5)
    if parts[0] != "arn":
        return not _SIGNS & set(value.partition("/")[0])
    account, resource = (parts[4], parts[5]) if len(parts) == _ARN_PARTS else ("*", "*")
    return not _SIGNS & set(account) and bool(account or resource[:1] not in ("", "*", "?"))


def statements(plan: Plan, where: Mapping[str, str]) -> Iterator[Statement]:
    """Return the statements of all documents that are known.

    Args:
        plan: the resources.
        where: the input that holds a document, by type.
    """
    for type_, name in where.items():
        for resource in plan.of(type_):
            yield from read(resource, resource.inputs.get(name))
    if where is IDENTITY:
        for role in plan.of("aws:iam/role:Role"):
            for block in role.items("inlinePolicies"):
                yield from read(role, block.get("policy"))


def read(resource: Planned, document: Any) -> Iterator[Statement]:
    """Return the statements of one document; none of what is no document, or isn't known."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return
    if not isinstance(document, Mapping):
        return
    for place, statement in enumerate(_listed(document.get("Statement"))):
        if isinstance(statement, Mapping):
            yield _statement(resource, statement, place)


def _statement(resource: Planned, statement: Mapping[str, Any], place: int) -> Statement:
    return Statement(
        resource=resource,
        label=f"statement {statement.get('Sid') or place + 1}",
        allows=statement.get("Effect") == "Allow",
        actions=_texts(statement.get("Action")),
        resources=_texts(statement.get("Resource")),
        principals=list(_principals(statement.get("Principal"))),
        conditions=dict(_conditions(statement.get("Condition"))),
        negative=[key for key in ("NotAction", "NotResource", "NotPrincipal") if key in statement],
    )


def _principals(principal: Any) -> Iterator[str]:
    if isinstance(principal, Mapping):
        for kind, values in principal.items():
            for value in _texts(values):
                anybody = value == "*" or (kind == "AWS" and _SIGNS & set(value))
                yield "*" if anybody else f"{kind}:{value}"
    else:
        yield from _texts(principal)


def _conditions(condition: Any) -> Iterator[tuple[str, list[str]]]:
    for operator, block in (condition or {}).items() if isinstance(condition, Mapping) else ():
        for key, values in block.items() if isinstance(block, Mapping) and not _LOOSE.match(operator) else ():
            yield str(key).lower(), _texts(values)


def _texts(value: Any) -> list[str]:
    return [str(it) for it in _listed(value)]


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]

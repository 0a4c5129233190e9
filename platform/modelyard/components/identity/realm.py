"""What the roles of one environment may reach, and the words that their documents are made of."""

from dataclasses import dataclass
from typing import Any

from modelyard.naming import Scope

Statement = dict[str, Any]
Document = dict[str, Any]
Condition = dict[str, dict[str, Any]]
MODELS_PATH = "models"
"""The IAM path of the roles that models' stacks make; `components/model_service/policy.py` has it too."""
_ACCOUNT = 4  # its place in an ARN


@dataclass(frozen=True, kw_only=True)
class Realm:
    """What a role may reach.

    Args:
        scope: whose roles they are.
        account_id: twelve digits.
        bucket_arn: the artifact bucket.
        data_bucket_arn: the bucket of data that comes from elsewhere.
        capture_bucket_arn: the bucket of what endpoints were asked and answered.
        key_arn: the key that encrypts them.
        repository_arn: the image repositories; it may be a pattern.
    """

    scope: Scope
    account_id: str
    bucket_arn: str
    data_bucket_arn: str
    capture_bucket_arn: str
    key_arn: str
    repository_arn: str

    def arn(self, service: str, resource: str) -> str:
        """Compose the ARN of something in this account and region."""
        return f"arn:{self.scope.partition}:{service}:{self.scope.region}:{self.account_id}:{resource}"

    def iam_arn(self, resource: str) -> str:
        """Compose the ARN of something of IAM, which knows no region."""
        return f"arn:{self.scope.partition}:iam::{self.account_id}:{resource}"

    def role_arn(self, word: str) -> str:
        """Compose the ARN of one of the roles."""
        return self.iam_arn(f"role/{role_name(self.scope, word)}")

    def sagemaker(self, *kinds: str) -> list[str]:
        """Compose the ARNs of everything of some of SageMaker's kinds, such as `training-job`."""
        return [self.arn("sagemaker", f"{kind}/*") for kind in kinds]

    @property
    def own_names(self) -> str:
        """The pattern of the physical names of what the platform's own stacks make in this environment."""
        return f"{self.scope.owner}-{self.scope.environment}-*"


def role_name(scope: Scope, word: str) -> str:
    """Name a role."""
    return scope.name(word, limit=64)


def boundary_name(scope: Scope) -> str:
    """Name the permissions boundary of jobs' and services' roles."""
    return scope.name("boundary", limit=128)


def document(*statements: Statement) -> Document:
    """Make a policy of statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, actions: list[str], resources: list[str], condition: Condition | None = None) -> Statement:
    """Allow actions on resources."""
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def actions(service: str, *words: str) -> list[str]:
    """Name actions of one service."""
    return [f"{service}:{word}" for word in words]


def trust(account_id: str, service: str = "sagemaker.amazonaws.com") -> Document:
    """Let a service take a role on behalf of this account alone."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        }
    )


def trust_people(realm: Realm, principals: list[str]) -> Document:
    """Let people of this account take a role whom IAM also allows it, or the principals that are named.

    Args:
        realm: the account.
        principals: ARNs of roles or users, of this account or others; the account itself when there are none.
    """
    accounts = sorted({it.split(":")[_ACCOUNT] for it in principals}) or [realm.account_id]
    return document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": principals or [realm.iam_arn("root")]},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": accounts if accounts[1:] else accounts[0]}},
        }
    )

"""Identity: a role for each kind of work, for people and for pipelines, all within permissions boundaries."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.identity import boundary, ci, people, policy
from modelyard.components.identity.realm import Document, Realm, role_name, trust, trust_people
from modelyard.components.identity.settings import IdentitySettings
from modelyard.naming import Scope

_SECONDS_AN_HOUR = 3600
Write = Callable[[Realm], Document]


@dataclass(frozen=True, kw_only=True)
class IdentityArgs:
    """Wires of the roles."""

    settings: IdentitySettings
    scope: Scope
    account_id: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    data_bucket_arn: pulumi.Input[str]
    capture_bucket_arn: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    repository_arn: pulumi.Input[str]


class Identity(Component):
    """Roles, each with what its work needs and none with more than its permissions boundary.

    Execution roles are taken by SageMaker: training, processing, pipeline, serving (endpoints), monitor, feature-store,
    workspace. People take data-scientist and reader. Pipelines of the CI providers that the settings name take
    `<provider>-deploy` and `<provider>-plan`, by OpenID Connect.

    Attributes:
        role_arns: ARNs of execution roles by word: training, processing, pipeline, serving, monitor, feature-store,
            workspace.
        people_role_arns: ARNs of people's roles by word: data-scientist, reader.
        ci_role_arns: ARNs of pipelines' roles by word, such as github-deploy and github-plan.
        boundary_arn: the permissions boundary of jobs' and services' roles; people's and pipelines' have their own.
    """

    token = "modelyard:platform:Identity"  # noqa: S105 - a type token

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        self._realm = pulumi.Output.all(
            account_id=args.account_id,
            bucket_arn=args.bucket_arn,
            data_bucket_arn=args.data_bucket_arn,
            capture_bucket_arn=args.capture_bucket_arn,
            key_arn=args.kms_key_arn,
            repository_arn=args.repository_arn,
        ).apply(lambda reach: Realm(scope=args.scope, **reach))
        self.boundary_arn = self._boundary("boundary", *policy.ROLES.values(), policy.models)
        by_sagemaker = self._realm.apply(lambda it: trust(it.account_id))
        at_work = self._boundary("people-boundary", people.data_scientist, people.workspace)
        self.role_arns = {
            **{word: self._role(word, by_sagemaker, it, self.boundary_arn) for word, it in policy.ROLES.items()},
            **{word: self._role(word, by_sagemaker, it, at_work) for word, it in people.NOTEBOOKS.items()},
        }
        self.people_role_arns = self._people(at_work)
        self.ci_role_arns = self._ci_roles()
        self.register_outputs(
            {
                "boundaryArn": self.boundary_arn,
                "roleArns": {**self.role_arns, **self.people_role_arns, **self.ci_role_arns},
            }
        )

    @property
    def promised(self) -> dict[str, pulumi.Input[Any]]:
        """What the foundation's stack promises of it, by the names of `FoundationOutputs`."""
        roles = {**self.role_arns, **self.people_role_arns}
        return {
            **{f"{word.replace('-', '_')}_role_arn": arn for word, arn in roles.items()},
            "permissions_boundary_arn": self.boundary_arn,
            "ci_role_arns": self.ci_role_arns,
        }

    def _boundary(self, word: str, *writes: Write) -> pulumi.Output[str]:
        name, opts = self.child(word)
        made = aws.iam.Policy(
            name,
            name=self._args.scope.name(word, limit=128),
            description="The most that roles of the environment can be allowed",
            policy=self._realm.apply(lambda it: _text(boundary.boundary([write(it) for write in writes]))),
            opts=opts,
        )
        return made.arn

    def _people(self, at_work: pulumi.Output[str]) -> dict[str, pulumi.Output[str]]:
        trusted = list(self._args.settings.trusted_principals)
        by_people = self._realm.apply(lambda it: trust_people(it, trusted))
        within = {"data-scientist": at_work, "reader": self._boundary("reader-boundary", people.reader)}
        return {word: self._role(word, by_people, write, within[word]) for word, write in people.PEOPLE.items()}

    def _ci_roles(self) -> dict[str, pulumi.Output[str]]:
        issuers = ci.issuers(self._args.settings.ci, self._args.scope.environment)
        if not issuers:
            return {}
        within = self._boundary("ci-boundary", ci.deploy, ci.branches)
        return {word: arn for issuer in issuers for word, arn in self._pipelines(issuer, within).items()}

    def _pipelines(self, issuer: ci.Issuer, within: pulumi.Output[str]) -> dict[str, pulumi.Output[str]]:
        """Make the identity provider of one CI provider, unless the account has it, and its three roles."""
        if issuer.exists:
            provider_arn = self._realm.apply(lambda it: it.iam_arn(f"oidc-provider/{issuer.host}"))
        else:
            name, opts = self.child(issuer.word)
            provider_arn = aws.iam.OpenIdConnectProvider(
                name, url=issuer.url, client_id_lists=[issuer.audience], opts=opts
            ).arn
        may: list[tuple[str, tuple[str, ...], Write]] = [
            ("deploy", issuer.deploy, ci.deploy),
            ("plan", issuer.plan, ci.plan),
            ("branches", issuer.branches, ci.branches),
        ]
        return {
            f"{issuer.word}-{verb}": self._role(
                f"{issuer.word}-{verb}",
                provider_arn.apply(partial(ci.trust_pipelines, issuer, subjects)),
                write,
                within,
            )
            for verb, subjects, write in may
        }

    def _role(
        self,
        word: str,
        trusted: pulumi.Output[Document],
        write: Write,
        within: pulumi.Output[str],
    ) -> pulumi.Output[str]:
        """Make a role that a trust policy lets be taken, with one policy of its own and a boundary."""
        name, opts = self.child(word)
        role = aws.iam.Role(
            name,
            name=role_name(self._args.scope, word),
            assume_role_policy=trusted.apply(_text),
            permissions_boundary=within,
            max_session_duration=self._args.settings.max_session_hours * _SECONDS_AN_HOUR,
            opts=opts,
        )
        name, opts = self.child(f"{word}-policy")
        document = self._realm.apply(lambda it: _text(write(it)))
        aws.iam.RolePolicy(name, name=word, role=role.name, policy=document, opts=opts)
        return role.arn


def _text(document: Document) -> str:
    return json.dumps(document)

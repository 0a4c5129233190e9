"""Choices about identity."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Branch = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-][A-Za-z0-9._/-]*\*?$")]
"""A branch's name, or what the names of some begin with and `*`; never `*` alone."""
Arn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+$")]
_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
Repository = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*/[A-Za-z0-9._-]+$")]
Project = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9._-]+)+$")]
Origin = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+(/[A-Za-z0-9._-]+)+$")]
Uuid = Annotated[str, StringConstraints(pattern=_UUID)]


class GitHub(BaseModel):
    """Which workflows of GitHub Actions may deploy; pull requests of the same repositories may look."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repositories: tuple[Repository, ...] = Field(min_length=1, description="Repositories, as `owner/name`.")
    branches: tuple[Branch, ...] = Field(
        ("main",), min_length=1, description="Branches that deploy, such as `feature/*`."
    )
    existing_provider: bool = Field(False, description="The account has GitHub's identity provider: use it.")


class GitLab(BaseModel):
    """Which pipelines of GitLab may deploy; those of the projects' other branches may look."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field("https://gitlab.com", pattern=r"^https://[a-z0-9.-]+[a-z0-9]$", description="GitLab's address.")
    repositories: tuple[Project, ...] = Field(min_length=1, description="Projects, as `group/project`.")
    branches: tuple[Branch, ...] = Field(
        ("main",), min_length=1, description="Branches that deploy, such as `feature/*`."
    )
    existing_provider: bool = Field(False, description="The account has GitLab's identity provider: use it.")


class CircleCi(BaseModel):
    """Which pipelines of CircleCI may deploy; those of the projects' other branches may look."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organization_id: Uuid = Field(description="The organisation's identifier at CircleCI.")
    repositories: dict[Origin, Uuid] = Field(
        min_length=1, description="Identifiers of the projects by repository, such as `github.com/acme/churn`."
    )
    branches: tuple[Branch, ...] = Field(
        ("main",), min_length=1, description="Branches that deploy, such as `feature/*`."
    )
    existing_provider: bool = Field(False, description="The account has the organisation's identity provider: use it.")


class ContinuousIntegrationSettings(BaseModel):
    """Whose pipelines may deploy models, and may look at what they would change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    github: GitHub | None = Field(None, description="GitHub Actions.")
    gitlab: GitLab | None = Field(None, description="GitLab CI.")
    circleci: CircleCi | None = Field(None, description="CircleCI.")


class IdentitySettings(BaseModel):
    """The roles of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_session_hours: int = Field(4, ge=1, le=12, description="Hours that a session of a role lasts at most.")
    trusted_principals: tuple[Arn, ...] = Field(
        (),
        description="Roles and users that may become data scientist or reader; none: whom the account's IAM allows it.",
    )
    ci: ContinuousIntegrationSettings = Field(
        default_factory=ContinuousIntegrationSettings,  # type: ignore[arg-type]
        description="Pipelines that may deploy, by provider, repository and branch.",
    )

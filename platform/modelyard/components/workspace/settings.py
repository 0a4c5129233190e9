"""Choices about the workspace."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

UserName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")]


class WorkspaceSettings(BaseModel):
    """Where data scientists of one environment work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    users: tuple[UserName, ...] = Field((), description="User profiles of SageMaker Studio, by name.")
    idle_timeout_minutes: int = Field(
        120, ge=60, le=525600, description="Minutes without work until a notebook's machine is shut down."
    )

    @field_validator("users")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name!r} is there twice")
        return names

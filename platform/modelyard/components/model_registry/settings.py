"""Choices about the model registry."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

GroupName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]


class ModelRegistrySettings(BaseModel):
    """The registry that models of one environment share; a model's repository also has a group of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    groups: tuple[GroupName, ...] = Field(("shared",), description="Model package groups, by name.")
    reader_account_ids: tuple[AccountId, ...] = Field(
        (),
        description="Other AWS accounts that may see and deploy the groups' models, in quotes.",
    )
    approval_events: bool = Field(
        True, description="Tell a topic when a model waits for approval, is approved or is rejected."
    )

    @field_validator("groups", "reader_account_ids")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name!r} is there twice")
        return names

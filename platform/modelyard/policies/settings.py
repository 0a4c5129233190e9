"""Choices about the policy pack."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, field_validator

ALWAYS = ("modelyard:project", "modelyard:environment", "modelyard:owner")


class ExemptionSettings(BaseModel):
    """One resource that may break one rule for a while."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str = Field(description="The rule's id; `modelyard policy --rules` lists them.")
    resource: str = Field(description="The resource's name in the program, or its URN.")
    reason: str = Field(min_length=10, description="Why it may; for whoever reviews it.")
    until: date = Field(description="The last day that it holds, such as 2027-03-31.")


class PolicySettings(BaseModel):
    """The rules that every `up` is held to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    required_tags: tuple[str, ...] = Field(
        ALWAYS, description="Tags that every resource has to have; those that it has by default are always among them."
    )
    exemptions: tuple[ExemptionSettings, ...] = Field((), description="Resources that may break a rule, until a day.")

    @field_validator("required_tags")
    @classmethod
    def _names_those(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*ALWAYS, *tags)))

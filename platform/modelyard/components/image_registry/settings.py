"""Choices about the image registry."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

RepositoryName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=32)]


class ImageRegistrySettings(BaseModel):
    """The image registry of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repositories: tuple[RepositoryName, ...] = Field(
        ("training", "serving"), min_length=1, max_length=50, description="Repositories, by what their images are for."
    )
    untagged_image_days: int = Field(14, ge=1, le=365, description="Days that an untagged image is kept.")
    kept_images: int = Field(50, ge=1, le=1000, description="Images that a repository keeps; the oldest go.")

    @field_validator("repositories")
    @classmethod
    def _differ(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in value if value.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is given twice")
        return value

"""Choices about the image registry."""

from pydantic import BaseModel, ConfigDict, Field


class ImageRegistrySettings(BaseModel):
    """The image registry of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    untagged_image_days: int = Field(14, ge=1, le=365, description="Days that an untagged image is kept.")
    kept_images: int = Field(50, ge=1, le=1000, description="Tagged images that are kept.")

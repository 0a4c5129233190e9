"""`aws:ecr/getRepository:getRepository`."""

from typing import Any

from modelyard.localcloud.provider.functions.lookup import described
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

REQUIRED = ("name",)


def call(aws: Session, args: Props) -> Props:
    """Return what is known of a repository, with the tags of its newest image."""
    name = str(args["name"])
    found = described(aws, "aws:ecr/repository:Repository", name)
    pages = aws.client("ecr").get_paginator("describe_images").paginate(repositoryName=name)
    images: list[dict[str, Any]] = [image for page in pages for image in page["imageDetails"]]
    newest = max(images, key=lambda image: str(image["imagePushedAt"]), default=dict[str, Any]())
    scanning = found.pop("imageScanningConfiguration", None)
    return {
        **found,
        "imageScanningConfigurations": [scanning] if scanning else [],
        "mostRecentImageTags": newest.get("imageTags", []),
    }

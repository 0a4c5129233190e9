"""`aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage`, by the registries that the sagemaker SDK lists."""

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

REQUIRED = ("repositoryName",)


def call(aws: Session, args: Props) -> Props:
    """Return where AWS keeps one of its own images.

    Raises:
        ProviderError: there is no such image, none in the region, or the SDK that lists them is not installed.
    """
    name, region = str(args["repositoryName"]), str(args.get("region") or aws.region)
    registries = _registries(name)
    if not registries:
        raise ProviderError(f"SageMaker has no prebuilt image {name!r}", hint="take one such as sagemaker-xgboost")
    if region not in registries:
        raise ProviderError(f"there is no image {name} in {region}", hint="choose another region")
    suffix, tag = args.get("dnsSuffix") or "amazonaws.com", args.get("imageTag") or "1"
    return {
        "dnsSuffix": suffix,
        "id": registries[region],
        "imageTag": tag,
        "region": region,
        "registryId": registries[region],
        "registryPath": f"{registries[region]}.dkr.ecr.{region}.{suffix}/{name}:{tag}",
        "repositoryName": name,
    }


@lru_cache(maxsize=32)
def _registries(repository: str) -> dict[str, str]:
    for path in sorted(_folder().glob("*.json")):
        text = path.read_text(encoding="utf-8")
        if f'"{repository}"' in text:
            for version in _versions(json.loads(text)):
                if version.get("repository") == repository and version.get("registries"):
                    return dict(version["registries"])
    return {}


def _versions(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        yield found
        for value in found.values():
            yield from _versions(value)


def _folder() -> Path:
    spec = find_spec("sagemaker")
    for place in (spec.submodule_search_locations if spec else None) or []:
        folder = Path(place) / "core" / "image_uri_config"
        if folder.is_dir():
            return folder
    raise ProviderError(
        "the list of SageMaker's prebuilt images comes with the sagemaker SDK, which is not installed",
        hint="pip install 'modelyard[model]'",
    )

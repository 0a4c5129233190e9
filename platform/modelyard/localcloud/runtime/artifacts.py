"""What a SageMaker model serves: its archives and its variables."""

from dataclasses import dataclass
from typing import Any

from modelyard.localcloud.runtime import objects
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.host import Host


class ArtifactError(Exception):
    """A model can't be served here; the message says why."""


@dataclass(frozen=True)
class ModelArtifact:
    """What one container serves.

    Args:
        image: its image.
        data_url: its `model.tar.gz`.
        environment: its own variables.
    """

    image: str
    data_url: str
    environment: dict[str, str]


def of_model(host: Host, region: str, name: str) -> ModelArtifact:
    """Return what a model serves; a model package gives what its container leaves open.

    Raises:
        ArtifactError: there is no such model, or it is of several containers.
    """
    model = host.collection(region, "Model").get(name)
    if model is None:
        raise ArtifactError(f'Could not find model "{name}".')
    containers = model.get("Containers") or [model.get("PrimaryContainer") or {}]
    if len(containers) != 1:
        raise ArtifactError("The local cloud serves models of one container, not inference pipelines.")
    container: dict[str, Any] = containers[0]
    inner = _packaged(host, region, container.get("ModelPackageName"))
    data_url = _data_url(container) or _data_url(inner)
    if not data_url:
        raise ArtifactError("The local cloud serves models that have a ModelDataUrl.")
    environment = (inner.get("Environment") or {}) | (container.get("Environment") or {})
    return ModelArtifact(container.get("Image") or inner.get("Image", ""), data_url, environment)


def fetch(s3: Any, artifact: ModelArtifact, container: Container) -> None:
    """Extract a model's archives into `/opt/ml/model`.

    Raises:
        ObjectError: one isn't there, or isn't what it should be.
    """
    model = container.folder("/opt/ml/model")
    archives = [(artifact.data_url, model)]
    code = artifact.environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    if code.startswith("s3://"):
        archives.append((code, model / "code"))
    for number, (uri, folder) in enumerate(archives):
        archive = container.root / f"{number}.tar.gz"
        objects.download_file(s3, uri, archive)
        objects.unpack(archive, folder)
        archive.unlink()


def _packaged(host: Host, region: str, name: str | None) -> dict[str, Any]:
    if not name:
        return {}
    package = host.collection(region, "ModelPackage").get(name)
    if package is None:
        raise ArtifactError(f"Could not find model package {name}.")
    inner: dict[str, Any] = package["InferenceSpecification"]["Containers"][0]
    return inner


def _data_url(container: dict[str, Any]) -> str:
    source = container.get("ModelDataSource", {}).get("S3DataSource", {}).get("S3Uri", "")
    return str(container.get("ModelDataUrl") or source)

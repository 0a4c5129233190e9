"""What a training host finds when it starts: configuration, channels, code and the program to run."""

import stat
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime import images, objects, requirements, toolkit
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.jobs import JobError, Run
from modelyard.localcloud.runtime.overlay import overlay
from modelyard.localcloud.runtime.process import can_show_opt_ml
from modelyard.localcloud.runtime.training_hosts import TrainingHost

_FOLDERS = ("model", "output/data", "output/intermediate", "code", "checkpoints", "input/config", "input/data")
_SOURCES = {"S3Prefix": objects.listed, "ManifestFile": objects.manifest}


def prepare(run: Run, root: Path) -> list[TrainingHost]:
    """Return the job's hosts, ready to start.

    Raises:
        JobError: what the job asks for isn't there.
        ObjectError: an object isn't.
    """
    names = toolkit.hosts(run.job)
    return [_host(run, Container(root / name), name, len(names), rank) for rank, name in enumerate(names)]


def _host(run: Run, container: Container, name: str, count: int, rank: int) -> TrainingHost:
    for inside in _FOLDERS:
        container.folder(f"/opt/ml/{inside}")
    toolkit.write_configuration(run.job, container, name)
    s3 = run.host.client("s3", run.region)
    for channel in run.job.get("InputDataConfig", []):
        _download(s3, run.job, channel, container, (rank, count))
    program = _program(run, container, name)
    return TrainingHost(name, container, program)


def _program(run: Run, container: Container, name: str) -> toolkit.Program:
    specification = run.job["AlgorithmSpecification"]
    if specification.get("ContainerEntrypoint"):
        return _container_command(run, container, name)
    values = toolkit.decode(run.job.get("HyperParameters", {}))
    if "sagemaker_program" not in values:
        raise JobError(
            "ClientError: the job has neither a sagemaker_program nor a ContainerEntrypoint; the local cloud runs "
            f"code, not the image {specification.get('TrainingImage') or specification.get('AlgorithmName', '')}"
        )
    s3 = run.host.client("s3", run.region)
    _fetch_code(s3, str(values.get("sagemaker_submit_directory", "")), str(values["sagemaker_program"]), container)
    return toolkit.script_mode(run.job, container, name, _python(run, container, container.path("/opt/ml/code")))


def _python(run: Run, container: Container, code: Path) -> Path:
    """Return the Python of the job's image, with what `requirements.txt` asks for, and of this host alone."""
    image = run.job["AlgorithmSpecification"].get("TrainingImage") or ""
    try:
        python = images.interpreter(image, run.host.folder)
        file = code / "requirements.txt"
        if file.is_file():
            python = requirements.environment(python, file, run.host.folder / "environments")
    except (images.ImageError, requirements.RequirementsError) as error:
        raise JobError(f"ClientError: {error}") from error
    return overlay(python, container.root / "python")


def _download(
    s3: Any, job: dict[str, Any], channel: dict[str, Any], container: Container, place: tuple[int, int]
) -> None:
    name = channel["ChannelName"]
    mode = channel.get("InputMode") or job["AlgorithmSpecification"].get("TrainingInputMode", "File")
    source = channel["DataSource"].get("S3DataSource", {})
    kind = source.get("S3DataType")
    if mode == "Pipe" or kind not in _SOURCES or channel.get("CompressionType", "None") != "None":
        raise JobError(
            f"ClientError: the channel {name} needs what the local cloud has not: it reads S3Prefix and ManifestFile, "
            "uncompressed, in File or FastFile mode"
        )
    folder, (rank, count) = container.folder(f"/opt/ml/input/data/{name}"), place
    found = list(_SOURCES[kind](s3, source["S3Uri"]))
    if not found:
        raise JobError(
            f"ClientError: Data download failed:NoSuchKey (404): No S3 objects found under prefix {source['S3Uri']}. "
            "Please ensure that the S3 object exists and the role has permission to read it."
        )
    sharded = source.get("S3DataDistributionType") == "ShardedByS3Key"
    for bucket, key, relative in found[rank::count] if sharded else found:
        (folder / relative).parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(folder / relative))


def _fetch_code(s3: Any, uri: str, program: str, container: Container) -> None:
    code = container.path("/opt/ml/code")
    if uri.startswith("s3://"):
        archive = container.root / "sourcedir.tar.gz"
        objects.download_file(s3, uri, archive)
        objects.unpack(archive, code)
        if not can_show_opt_ml():
            container.rewrite_code("/opt/ml/code")
    script = code / program
    if not script.is_file() or not script.resolve().is_relative_to(code.resolve()):
        raise JobError(f"ClientError: {uri or 'sagemaker_submit_directory'} holds no program {program}")
    if not program.endswith(".py"):
        script.chmod(script.stat().st_mode | stat.S_IXUSR)


def _container_command(run: Run, container: Container, name: str) -> toolkit.Program:
    """Return a container's own command; SDK v3's drivers have `/opt/ml` written into them."""
    for inside in ("/opt/ml/input/data/sm_drivers", *([] if can_show_opt_ml() else ["/opt/ml/input/data/code"])):
        container.rewrite_code(inside)
    specification = run.job["AlgorithmSpecification"]
    words = [*specification["ContainerEntrypoint"], *specification.get("ContainerArguments", [])]
    command = [container.rewrite(word) for word in words]
    python = _python(run, container, container.path("/opt/ml/input/data/code"))
    return toolkit.Program(command, toolkit.variables(run.job, container, name), python)

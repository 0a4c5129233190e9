"""Batch transform jobs: every object through the job's model servers, one `.out` for each.

The contract is the developer guide's "Batch transform": a file that fails fails the job, and leaves the others alone.
"""

import gzip
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from modelyard.localcloud.runtime import artifacts, objects
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.jobs import JobError, JobKind, Jobs, Run
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.transform import records
from modelyard.localcloud.runtime.transform.instances import Client, Instance, InvocationError, client_of
from modelyard.localcloud.runtime.transform.jsonpath import JsonPath, JsonPathError

KIND = JobKind("TransformJob", "SageMaker Transform Job State Change")
DEFAULT_PAYLOAD_MEBIBYTES = 6
_MOST_INSTANCES = 4


@dataclass(frozen=True)
class Plan:
    """How a job treats each file.

    Args:
        split: SplitType.
        gzip: whether the files are compressed.
        single: one record in each request.
        limit: bytes that a request may have; 0 is any number.
        assemble: AssembleWith.
        association: filters and join.
        client: how the model is asked.
        concurrency: requests at once for each instance.
    """

    split: str
    gzip: bool
    single: bool
    limit: int
    assemble: str
    association: records.Association
    client: Client
    concurrency: int


def transform_jobs(host: Host) -> Jobs:
    """Return the runner of transform jobs."""
    return Jobs(host, KIND, _work, lambda _job: {"TransformEndTime": now()})


def problem(job: dict[str, Any]) -> str:
    """Return what SageMaker refuses in a request beyond its shape; nothing if all is well."""
    payload = int(job.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MEBIBYTES))
    if payload * max(int(job.get("MaxConcurrentTransforms") or 1), 1) > 100:
        return "MaxConcurrentTransforms * MaxPayloadInMB must not be larger than 100 MB"
    processing = job.get("DataProcessing") or {}
    try:
        for name in ("InputFilter", "OutputFilter"):
            JsonPath(processing.get(name) or "$")
    except JsonPathError as error:
        return f"Invalid DataProcessing: {error}"
    source = job["TransformInput"]
    associates = _association(job)
    known = {records.CSV, records.JSON, records.JSON_LINES}
    touched = not associates.is_identity or not associates.input_filter.is_identity
    if touched and associates.content_type not in known:
        return f"DataProcessing needs a ContentType of {', '.join(sorted(known))}, not {source.get('ContentType')}"
    return ""


def _association(job: dict[str, Any]) -> records.Association:
    processing = job.get("DataProcessing") or {}
    content_type = (job["TransformInput"].get("ContentType") or "").split(";")[0].strip()
    return records.Association(
        input_filter=JsonPath(processing.get("InputFilter") or "$"),
        output_filter=JsonPath(processing.get("OutputFilter") or "$"),
        join=processing.get("JoinSource") == "Input",
        content_type=content_type,
        accept=(job["TransformOutput"].get("Accept") or content_type).split(";")[0].strip(),
    )


def _plan(job: dict[str, Any]) -> Plan:
    source = job["TransformInput"]
    return Plan(
        split=source.get("SplitType") or "None",
        gzip=source.get("CompressionType") == "Gzip",
        single=job.get("BatchStrategy") == "SingleRecord",
        limit=int(job.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MEBIBYTES)) * records.MEBIBYTE,
        assemble=job["TransformOutput"].get("AssembleWith") or "None",
        association=_association(job),
        client=client_of(job),
        concurrency=int(job.get("MaxConcurrentTransforms") or 1) or 1,
    )


def _work(run: Run) -> None:
    run.update(TransformStartTime=now())
    run.announce()
    files = list(_files(run))
    if not files:
        raise JobError(f"ClientError: No S3 objects found under {_source(run)['S3Uri']}")
    folder = run.container()
    fleet: list[Instance] = []
    try:
        _launch(run, folder, fleet)
        for instance in fleet:
            instance.await_ready(run.stopping)
        failures = _transform(run, fleet, files)
    finally:
        _stop(fleet)
    if run.stopping.is_set():
        run.finish("Stopped", TransformEndTime=now())
    elif failures:
        raise JobError(failures[0])
    else:
        run.finish("Completed", TransformEndTime=now())


def _launch(run: Run, folder: Container, fleet: list[Instance]) -> None:
    try:
        artifact = artifacts.of_model(run.host, run.region, run.job["ModelName"])
    except artifacts.ArtifactError as error:
        raise JobError(f"ClientError: {error}") from error
    environment = {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(run.job.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MEBIBYTES)),
        "SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD" if _plan(run.job).single else "MULTI_RECORD",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(_plan(run.job).concurrency),
        **(run.job.get("Environment") or {}),
    }
    # This machine is one, however many instances a job asks for.
    count = min(int(run.job["TransformResources"]["InstanceCount"]), _MOST_INSTANCES)
    while len(fleet) < count:
        fleet.append(Instance(run, Container(folder.root / f"i-{len(fleet):017d}"), artifact, environment))


def _source(run: Run) -> dict[str, Any]:
    source: dict[str, Any] = run.job["TransformInput"]["DataSource"]["S3DataSource"]
    return source


def _files(run: Run) -> Iterator[tuple[str, str, str]]:
    source, s3 = _source(run), run.host.client("s3", run.region)
    kinds = {"S3Prefix": objects.listed, "ManifestFile": objects.manifest}
    if source["S3DataType"] not in kinds:
        raise JobError(f"ClientError: batch transform reads S3Prefix and ManifestFile, not {source['S3DataType']}")
    yield from kinds[source["S3DataType"]](s3, source["S3Uri"])


def _transform(run: Run, fleet: list[Instance], files: list[tuple[str, str, str]]) -> list[str]:
    """Transform all files, each on the next instance, and return what went wrong."""
    plan, failures = _plan(run.job), list[str]()
    free = threading.Semaphore(len(fleet))
    idle = list(fleet)

    def one(file: tuple[str, str, str]) -> None:
        with free:
            instance = idle.pop()
            try:
                _file(run, instance, plan, file)
            except (records.RecordError, InvocationError, objects.ObjectError) as error:
                failures.append(f"ClientError: s3://{file[0]}/{file[1]}: {error}")
            finally:
                idle.append(instance)

    with ThreadPoolExecutor(len(fleet)) as pool:
        left = {pool.submit(one, file) for file in files}
        while left:
            done, left = wait(left, timeout=0.2)
            for future in done:
                future.result()
            if run.stopping.is_set():
                # A request that a model still works on would otherwise be waited for.
                _stop(fleet)
    return failures


def _stop(fleet: list[Instance]) -> None:
    for instance in fleet:
        instance.stop()


def _file(run: Run, instance: Instance, plan: Plan, file: tuple[str, str, str]) -> None:
    bucket, key, name = file
    if run.stopping.is_set():
        return
    s3 = run.host.client("s3", run.region)
    content = _content(s3, f"s3://{bucket}/{key}", plan)
    batches = records.pack(records.split(content, plan.split), plan.split, single=plan.single, limit=plan.limit)

    def one(batch: list[bytes]) -> list[bytes]:
        if run.stopping.is_set():
            return []
        body = instance.ask(records.payload(batch, plan.split, plan.association), plan.client)
        return records.answers(batch, body, plan.association)

    with ThreadPoolExecutor(plan.concurrency) as pool:
        pieces = [piece for answered in pool.map(one, batches) for piece in answered]
    if not run.stopping.is_set():
        base = run.job["TransformOutput"]["S3OutputPath"].rstrip("/")
        objects.write(s3, f"{base}/{name}.out", records.assemble(pieces, plan.assemble))


def _content(s3: Any, uri: str, plan: Plan) -> bytes:
    content = objects.read(s3, uri)
    try:
        return gzip.decompress(content) if plan.gzip else content
    except (OSError, EOFError, zlib.error) as error:
        raise records.RecordError(f"it is not compressed by gzip: {error}") from error

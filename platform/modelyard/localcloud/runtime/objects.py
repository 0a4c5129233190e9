"""Files to and from S3, and archives to and from folders."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MAX_MEMBERS = 100_000
MAX_BYTES = 20 * 2**30


class ObjectError(Exception):
    """An object or an archive isn't what it should be; the message is a job's FailureReason."""


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of `s3://bucket/key`.

    Raises:
        ObjectError: it isn't such an address.
    """
    parts = urlsplit(uri, allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc:
        raise ObjectError(f"ClientError: {uri} is not an S3 address")
    return parts.netloc, (parts.path + (f"?{parts.query}" if parts.query else "")).lstrip("/")


def download_prefix(s3: Any, uri: str, folder: Path) -> int:
    """Download all objects whose key starts with a prefix, under their names relative to it.

    An address that is an object's very key gives that one file under its own name.

    Returns:
        the number of files.

    Raises:
        ObjectError: there is none, or a key would leave the folder.
    """
    count = 0
    for bucket, key, name in listed(s3, uri):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(target))
        count += 1
    if not count:
        raise ObjectError(
            f"ClientError: Data download failed:NoSuchKey (404): No S3 objects found under prefix {uri}. "
            "Please ensure that the S3 object exists and the role has permission to read it."
        )
    return count


def listed(s3: Any, uri: str) -> Iterator[tuple[str, str, str]]:
    """Yield bucket, key and relative name of all objects whose key starts with a prefix.

    Raises:
        ObjectError: a key would leave its folder.
    """
    bucket, prefix = split_uri(uri)
    for page in _pages(s3, bucket, prefix):
        for item in page.get("Contents", []):
            name = _relative(item["Key"], prefix)
            if name is None:
                continue
            if ".." in Path(name).parts:
                raise ObjectError(f"ClientError: the key {item['Key']} leaves its folder")
            yield bucket, item["Key"], name


def manifest(s3: Any, uri: str) -> Iterator[tuple[str, str, str]]:
    """Yield bucket, key and relative name of all objects that a manifest file names.

    The file is `[{"prefix": "s3://bucket/folder/"}, "relative/path", ...]`.

    Raises:
        ObjectError: it isn't there, or is no such file.
    """
    try:
        head, *names = json.loads(read(s3, uri))
        bucket, prefix = split_uri(head["prefix"])
    except (ValueError, KeyError, TypeError) as error:
        raise ObjectError(f"ClientError: {uri} is no manifest file: {error!r}") from error
    for name in names:
        if not isinstance(name, str) or ".." in Path(name).parts:
            raise ObjectError(f"ClientError: {uri}: {name!r} is no relative path")
        yield bucket, prefix + name, name.lstrip("/")


def read(s3: Any, uri: str) -> bytes:
    """Return one object.

    Raises:
        ObjectError: there is none.
    """
    bucket, key = split_uri(uri)
    try:
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.ClientError as error:
        raise ObjectError(f"ClientError: can't read {uri}: {error}") from error


def write(s3: Any, uri: str, content: bytes) -> None:
    """Write one object."""
    bucket, key = split_uri(uri)
    s3.put_object(Bucket=bucket, Key=key, Body=content)


def download_file(s3: Any, uri: str, target: Path) -> None:
    """Download one object.

    Raises:
        ObjectError: there is none.
    """
    bucket, key = split_uri(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        s3.download_file(bucket, key, str(target))
    except s3.exceptions.ClientError as error:
        raise ObjectError(f"ClientError: Could not find model data or source at {uri}: {error}") from error


def upload_folder(s3: Any, folder: Path, uri: str) -> None:
    """Upload all files below a folder; links are not followed."""
    bucket, prefix = split_uri(uri)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            key = "/".join([*filter(None, [prefix.rstrip("/")]), path.relative_to(folder).as_posix()])
            s3.upload_file(str(path), bucket, key)


def upload_file(s3: Any, path: Path, uri: str) -> None:
    """Upload one file."""
    bucket, key = split_uri(uri)
    s3.upload_file(str(path), bucket, key)


def pack(folder: Path, archive: Path) -> None:
    """Write a folder's content as a `tar.gz`."""
    with tarfile.open(archive, "w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, arcname=path.name)


def unpack(archive: Path, folder: Path) -> None:
    """Extract an archive that nobody has vouched for.

    Raises:
        ObjectError: it isn't an archive, leaves the folder, or is a bomb.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive) as tar:
            members = size = 0
            for member in tar:
                members, size = members + 1, size + member.size
                if members > MAX_MEMBERS or size > MAX_BYTES:
                    raise ObjectError(f"ClientError: the archive {archive.name} is too large")
                _extract(tar, member, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ObjectError(f"ClientError: can't extract {archive.name}: {error}") from error


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    if hasattr(tarfile, "data_filter"):
        tar.extract(member, folder, filter="data")
        return
    # Python before 3.11.4 has no filters: nothing but files and folders, all of them inside.
    inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
    if not inside or not (member.isfile() or member.isdir()):
        raise tarfile.ExtractError(f"{member.name} is no file or folder inside the archive")
    tar.extract(member, folder, set_attrs=False)


def _pages(s3: Any, bucket: str, prefix: str) -> list[Any]:
    try:
        return list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))
    except s3.exceptions.ClientError as error:
        raise ObjectError(f"ClientError: Data download failed: s3://{bucket}/{prefix}: {error}") from error


def _relative(key: str, prefix: str) -> str | None:
    """Return a key's file name below its prefix; None for a folder's own marker."""
    if key.endswith("/"):
        return None
    if key == prefix:
        return key.rpartition("/")[2]
    # `s3://b/train` stands for the folder `train/` as well as for `train.csv` and `train-2.csv`.
    rest = key[len(prefix) :]
    if prefix.endswith("/") or not prefix:
        return rest
    return rest.lstrip("/") if rest.startswith("/") else key[prefix.rfind("/") + 1 :]

"""`aws:s3/bucketObjectv2:BucketObjectv2`."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.s3.bucket import delete_all
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import Tags, from_pairs, own_tags, to_pairs
from modelyard.wire import Props

_CONTENT = ("content", "contentBase64", "source")
_HEADERS = {
    "acl": "ACL",
    "cacheControl": "CacheControl",
    "contentDisposition": "ContentDisposition",
    "contentEncoding": "ContentEncoding",
    "contentLanguage": "ContentLanguage",
    "contentType": "ContentType",
    "kmsKeyId": "SSEKMSKeyId",
    "metadata": "Metadata",
    "serverSideEncryption": "ServerSideEncryption",
    "storageClass": "StorageClass",
    "websiteRedirect": "WebsiteRedirectLocation",
    "bucketKeyEnabled": "BucketKeyEnabled",
}


class ObjectTags:
    """The dialect of objects: one document of all tags."""

    def read(self, aws: Session, resource: str) -> dict[str, str]:
        """Return all tags of an object, those that AWS itself put there left out."""
        return own_tags(from_pairs(aws.client("s3").get_object_tagging(**_target(resource))["TagSet"]))

    def write(self, aws: Session, resource: str, old: Tags, new: Tags) -> None:
        """Make the tags of an object the new ones."""
        aws.client("s3").put_object_tagging(**_target(resource), Tagging={"TagSet": to_pairs(new)})


class BucketObjectv2(ResourceType):
    """An object whose content is given as text, as base64 or as an asset."""

    pulumi_type = "aws:s3/bucketObjectv2:BucketObjectv2"
    client = "s3"
    tagging = ObjectTags()
    defaults: ClassVar = {"forceDestroy": False}
    replace = frozenset({"bucket", "key"})
    unread = frozenset({*_CONTENT, "acl", "checksumAlgorithm", "forceDestroy", "overrideProvider", "sourceHash"})
    volatile = frozenset({"etag", "versionId"})

    def normalize(self, inputs: Props, urn_name: str) -> Props:
        """The key is the resource's name unless it is given."""
        return {"key": urn_name}

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the object; it is known by its bucket and key."""
        self._put(aws, inputs)
        return f"{inputs['bucket']}/{inputs['key']}"

    def import_id(self, aws: Session, resource_id: str) -> str:
        """An object is imported by its address too."""
        return resource_id.removeprefix("s3://")

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Read the object's headers."""
        target = _target(resource_id)
        answer = self.find(aws, "head_object", **target)
        if answer is None:
            return None
        props = {name: answer[header] for name, header in _HEADERS.items() if answer.get(header)}
        return props | {
            "bucket": target["Bucket"],
            "key": target["Key"],
            "arn": f"arn:aws:s3:::{resource_id}",
            "etag": answer["ETag"].strip('"'),
            "versionId": answer.get("VersionId", ""),
            "storageClass": answer.get("StorageClass", "STANDARD"),
            "bucketKeyEnabled": answer.get("BucketKeyEnabled", False),
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the object anew when more than its tags changed."""
        names = {*_HEADERS, *_CONTENT, "sourceHash", "etag"}
        if any(old.get(name) != new.get(name) for name in names if name in new or name in _CONTENT):
            self._put(aws, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete all versions of the object."""
        target = _target(resource_id)
        if self.find(aws, "head_bucket", Bucket=target["Bucket"]) is None:
            return
        pages = (
            aws.client("s3")
            .get_paginator("list_object_versions")
            .paginate(Bucket=target["Bucket"], Prefix=target["Key"])
        )
        items = [item for page in pages for kind in ("Versions", "DeleteMarkers") for item in page.get(kind, [])]
        mine = [item for item in items if item["Key"] == target["Key"]]
        objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in mine]
        delete_all(aws, target["Bucket"], objects)

    def list(self, aws: Session) -> Iterator[str]:
        """List all objects of all buckets."""
        for bucket in self.pages(aws, "list_buckets", "Buckets"):
            for item in self.pages(aws, "list_objects_v2", "Contents", Bucket=bucket["Name"]):
                yield f"{bucket['Name']}/{item['Key']}"

    def may_be(self, resource_id: str, inputs: Props) -> bool:
        """An object is known by its address: of a bucket's many thousands only one is looked at."""
        known = isinstance(inputs.get("bucket"), str) and isinstance(inputs.get("key"), str)
        return not known or resource_id == f"{inputs['bucket']}/{inputs['key']}"

    def _put(self, aws: Session, props: Props) -> None:
        parameters: dict[str, Any] = {_HEADERS[name]: props[name] for name in _HEADERS if props.get(name)}
        if props.get("tagsAll"):
            parameters["Tagging"] = urlencode(props["tagsAll"])
        self.call(aws, "put_object", Bucket=props["bucket"], Key=props["key"], Body=_content(props), **parameters)


def _target(resource: str) -> dict[str, str]:
    bucket, _, key = resource.removeprefix("arn:aws:s3:::").partition("/")
    return {"Bucket": bucket, "Key": key}


def _content(props: Props) -> bytes:
    if props.get("contentBase64") is not None:
        return base64.b64decode(props["contentBase64"])
    asset = props.get("source")
    if asset is None:
        return str(props.get("content") or "").encode()
    if isinstance(asset, dict) and "text" in asset:
        return str(asset["text"]).encode()
    path = asset.get("path") if isinstance(asset, dict) else asset
    if not path:
        raise ProviderError(
            f"aws:s3/bucketObjectv2:BucketObjectv2 ({props['key']}): source is neither a file nor a text",
            hint="use pulumi.FileAsset or pulumi.StringAsset",
        )
    return Path(path).read_bytes()


RESOURCE = BucketObjectv2()

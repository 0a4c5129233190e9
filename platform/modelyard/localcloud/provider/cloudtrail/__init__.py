"""The record of who called what."""

from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import Tags, changes, from_pairs, own_tags, to_pairs


class TrailTags:
    """The dialect of CloudTrail, which lists the tags of many at once and wants pairs to remove."""

    def read(self, aws: Session, resource: str) -> dict[str, str]:
        """Return all tags of a trail, those that AWS itself put there left out."""
        pages = aws.client("cloudtrail").get_paginator("list_tags").paginate(ResourceIdList=[resource])
        listed = [item for page in pages for item in page["ResourceTagList"]]
        return own_tags(from_pairs([tag for item in listed for tag in item.get("TagsList", [])]))

    def write(self, aws: Session, resource: str, old: Tags, new: Tags) -> None:
        """Make the tags of a trail the new ones, given the old ones."""
        added, removed = changes(old, new)
        if removed:
            gone = [{"Key": key} for key in removed]
            aws.client("cloudtrail").remove_tags(ResourceId=resource, TagsList=gone)
        if added:
            aws.client("cloudtrail").add_tags(ResourceId=resource, TagsList=to_pairs(added))

"""Container image repositories."""

from modelyard.localcloud.provider.tags import TagOperations

TAGS = TagOperations("ecr", resource="resourceArn", tags="tags", keys="tagKeys")

"""Physical names: no clock and no dice, within every service's limit."""

import hashlib
import re
from dataclasses import dataclass

PREVIEWS = "previews"
_DIGEST_LENGTH = 8


def digest(text: str, length: int = _DIGEST_LENGTH) -> str:
    """Return the first hexadecimal characters of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def physical_name(*parts: str, limit: int) -> str:
    """Join parts with dashes within a service's name limit.

    A longer name keeps its head and ends in a digest of the whole, so that two long names stay two.

    Args:
        parts: words of lower-case letters, digits and dashes.
        limit: the service's limit, in characters.
    """
    name = "-".join(part for part in parts if part)
    if len(name) <= limit:
        return name
    return f"{name[: limit - _DIGEST_LENGTH - 1].rstrip('-')}-{digest(name)}"


def slug(text: str, limit: int = 24) -> str:
    """Return the readable head of any text: lower-case letters, digits and single dashes; it may be empty."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:limit].rstrip("-")


def label(text: str, limit: int = 24) -> str:
    """Return a name that no other text has: a readable head and a digest of the raw text.

    Args:
        text: any text, such as a git branch's name.
        limit: the head's limit, in characters; a dash and eight characters of digest follow.
    """
    head = slug(text, limit)
    head = head if head[:1].isalpha() else f"b-{head}".rstrip("-")
    return f"{head}-{digest(text)}"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose resources these are: the first words of every physical name.

    Args:
        owner: the platform's or the model's name.
        environment: the environment's name, or a branch stack's.
        region: the AWS region.
        preview: whether it is a branch's stack, which comes and goes.
    """

    owner: str
    environment: str
    region: str
    preview: bool = False

    @property
    def partition(self) -> str:
        """Return the partition that the region belongs to, the second word of its ARNs."""
        prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        return next((value for prefix, value in prefixes.items() if self.region.startswith(prefix)), "aws")

    @property
    def prefix(self) -> str:
        """Return what the keys of all its objects start with; those of branches lie apart, so that they can expire."""
        return f"{PREVIEWS if self.preview else 'models'}/{self.owner}/{self.environment}"

    def name(self, *parts: str, limit: int = 63) -> str:
        """Make a physical name; the default limit is that of most of SageMaker, and of S3."""
        return physical_name(self.owner, self.environment, *parts, limit=limit)


def tag_value(text: str) -> str:
    """Return a text as AWS takes it for a tag: at most 256 letters, digits, spaces and `_.:/=+-@`."""
    return re.sub(r"[^\w\s.:/=+\-@]", "_", text)[:256]

"""Physical names: no clock and no dice, within every service's limit."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

MODELS = "models"
PREVIEWS = "previews"
NONE = "none"  # the value of a tag that does not apply, so that every resource has every tag
_DIGEST_LENGTH = 8
_CODE_LENGTH = 10
_TAG_LIMIT = 256
_TAG_SIGNS = frozenset("_.:/=+-@")


def digest(text: str, length: int = _DIGEST_LENGTH) -> str:
    """Return the first hexadecimal characters of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def code(text: str) -> str:
    """Return ten letters and digits (`a` to `z`, `2` to `7`) of the text's SHA-256: 50 bits.

    Of ten thousand texts two have the same with a chance of one in twenty million.
    """
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:_CODE_LENGTH].lower()


def physical_name(*parts: str, limit: int, mark: Callable[[str], str] = digest) -> str:
    """Join parts with dashes within a service's name limit.

    A longer name keeps its head and ends in a digest of the whole, so that two long names stay two.

    Args:
        parts: words of lower-case letters, digits and dashes.
        limit: the service's limit, in characters.
        mark: gives the digest.
    """
    name = "-".join(part for part in parts if part)
    if len(name) <= limit:
        return name
    end = mark(name)
    return f"{name[: limit - len(end) - 1].rstrip('-')}-{end}"


def slug(text: str, limit: int = 24) -> str:
    """Return the readable head of any text: lower-case letters, digits and single dashes; it may be empty."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:limit].rstrip("-")


def plain(text: str) -> str:
    """Return a text without accents, ligatures and wide forms, as far as Unicode says what they are made of."""
    return "".join(it for it in unicodedata.normalize("NFKD", text) if not unicodedata.combining(it))


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
        return f"{PREVIEWS if self.preview else MODELS}/{self.owner}/{self.environment}"

    def name(self, *parts: str, limit: int = 63) -> str:
        """Make a physical name; the default limit is that of most of SageMaker, and of S3."""
        mark = code if self.preview else digest
        return physical_name(self.owner, self.environment, *parts, limit=limit, mark=mark)


def tag_value(text: str) -> str:
    """Return a text as AWS takes it for a tag: at most 256 letters, digits, spaces and `_.:/=+-@`.

    Source: the pattern of SageMaker's `TagValue`, whose classes are Unicode's L, Z and N.
    """
    taken = (it if it in _TAG_SIGNS or unicodedata.category(it)[0] in "LZN" else "_" for it in text)
    return "".join(taken)[:_TAG_LIMIT]


def branch_tag(branch: str) -> str:
    """Return a branch's name as AWS takes it for a tag, in a form that no other branch's has.

    What AWS doesn't take is replaced, and `::` with a digest of the name follows; git allows no colon in a branch's
    name, so that no branch is called as another's tag. Nor is any as the tag of what belongs to no branch.
    """
    taken = tag_value(branch)
    if taken == branch != NONE:
        return branch
    end = f"::{code(branch)}"
    return taken[: _TAG_LIMIT - len(end)] + end

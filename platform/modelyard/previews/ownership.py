"""Whose resources are, by the tags that AWS tells of; a branch's stack deletes its own and nothing else.

In the local cloud our provider asks that before each delete (`provider/guarding.py`). On AWS the provider is not ours:
all that a state would delete is looked at before the first of it goes, and the role that does it is held to the same.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from modelyard.errors import CloudError
from modelyard.previews.ledger import PROJECT_TAG, STACK_TAG
from modelyard.previews.leftovers import ModelStack

_BATCH = 100  # ARNs that one call takes
_KEYS = (PROJECT_TAG, STACK_TAG)


def refuse_foreign(stack: ModelStack, arns: Sequence[str]) -> None:
    """Refuse to go on where a stack's state names what isn't the stack's own.

    What is gone is no matter, and AWS doesn't tell of what has never had a tag.

    Args:
        stack: the stack.
        arns: all that its state would delete.

    Raises:
        CloudError: something is another stack's; nothing has been deleted.
    """
    own = tuple(stack.tags[key] for key in _KEYS)
    found = [(arn, whose) for arn, whose in _owners(stack, arns) if any(whose) and whose != own]
    if found:
        arn, whose = found[0]
        raise CloudError(
            f"refusing to delete {arn}: its tags say that it is {'/'.join(it or '?' for it in whose)}, "
            f"not {'/'.join(own)}; nothing was deleted",
            hint=f"look whose it is; pulumi state delete takes it out of the state of {stack.stack}",
        )


def arns_of(state: dict[str, Any]) -> list[str]:
    """List the ARNs of what a stack's state would delete, as `pulumi stack export` gives it."""
    resources = (state.get("deployment") or {}).get("resources") or []
    mine = (it for it in resources if it.get("custom") and not it.get("external") and not it.get("retainOnDelete"))
    arns = ((it.get("outputs") or {}).get("arn") for it in mine)
    return [arn for arn in arns if isinstance(arn, str) and arn.startswith("arn:")]


def _owners(stack: ModelStack, arns: Sequence[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    client = stack.client("resourcegroupstaggingapi")
    for start in range(0, len(arns), _BATCH):
        answer = client.get_resources(ResourceARNList=list(arns[start : start + _BATCH]))
        for item in answer["ResourceTagMappingList"]:
            tags = {tag["Key"]: tag["Value"] for tag in item["Tags"]}
            yield item["ResourceARN"], (tags.get(PROJECT_TAG, ""), tags.get(STACK_TAG, ""))

"""Tags: whose a resource is, and what it costs whom."""

from collections.abc import Mapping

from modelyard.policies.plan import Plan
from modelyard.policies.rule import Found, rule


@rule(
    "tags-required",
    title="Resources say whose they are",
    reason="costs, permissions and clearing up go by tags",
    mend="leave the tags to the stack's own provider (StackContext), or give them in `tags`",
)
def required(plan: Plan) -> Found:
    """Find resources that can have tags and lack one that is required."""
    for it in plan.resources:
        tags = it.inputs.get("tagsAll", it.inputs.get("tags"))
        known = tags if it.type.startswith("aws:") and isinstance(tags, Mapping) else None
        missing = [tag for tag in plan.required_tags if known is not None and not known.get(tag)]
        if missing:
            yield it, f"it has no tag {', '.join(missing)}"

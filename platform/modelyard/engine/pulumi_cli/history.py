"""A stack's history as the Pulumi CLI tells it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, get_args

from modelyard.engine.base import Outcome, Update, UpdateVerb
from modelyard.engine.plan import Op

_VERBS: Mapping[str, UpdateVerb] = {
    "update": "up",
    "preview": "preview",
    "destroy": "destroy",
    "refresh": "refresh",
    "import": "import",
    "resource-import": "import",
}
_OPS = {op.value: op for op in Op}


def updates(entries: Iterable[Mapping[str, Any]]) -> list[Update]:
    """Read what `pulumi stack history --json` lists, newest first; a file backend leaves the numbering to us."""
    listed = list(entries)
    return [_update(entry, len(listed) - place) for place, entry in enumerate(listed)]


def _update(entry: Mapping[str, Any], place: int) -> Update:
    started, ended = _seconds(entry.get("startTime")), _seconds(entry.get("endTime"))
    environment = entry.get("environment") or {}
    counts = {_OPS[name]: number for name, number in (entry.get("resourceChanges") or {}).items() if name in _OPS}
    result = entry.get("result", "")
    return Update(
        version=entry.get("version") or place,
        verb=_VERBS.get(entry.get("kind", ""), "up"),
        outcome=result if result in get_args(Outcome) else "failed",
        started=started,
        seconds=max(ended - started, 0.0) if ended else 0.0,
        who=environment.get("modelyard.user") or environment.get("git.author", ""),
        message=entry.get("message", ""),
        changes=counts,
    )


def _seconds(time: str | None) -> float:
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp() if time else 0.0

"""The signs, colours and words of operations."""

from modelyard.engine.plan import Op

MARKS = {
    Op.CREATE: ("+", "green", "create", "created"),
    Op.UPDATE: ("~", "yellow", "update", "updated"),
    Op.REPLACE: ("+-", "magenta", "replace", "replaced"),
    Op.DELETE: ("-", "red", "delete", "deleted"),
    Op.IMPORT: ("=", "cyan", "import", "imported"),
    Op.REFRESH: ("~", "yellow", "refresh", "refreshed"),
    Op.READ: (">", "cyan", "read", "read"),
    Op.SAME: ("", "dim", "same", "unchanged"),
}
SHOWN_SECONDS = 0.05  # what takes less takes no time, for people
COUNTED = (Op.CREATE, Op.IMPORT, Op.UPDATE, Op.REPLACE, Op.DELETE, Op.SAME)


def short_type(token: str) -> str:
    """Leave out what a type's token says twice, as Pulumi does: `aws:s3:Bucket` for `aws:s3/bucket:Bucket`."""
    package, _, rest = token.partition(":")
    module, _, name = rest.rpartition(":")
    return ":".join(part for part in (package, module.split("/")[0], name) if part)

"""Plans without programs."""

import pytest

from modelyard.engine.base import Change
from modelyard.engine.plan import Op


def change(stack: str, kind: str, name: str, parent: str = "", needs: tuple[str, ...] = ()) -> Change:
    """Return a change as the engine plans it."""
    return Change(op=Op.CREATE, urn=f"{stack}::{kind}::{name}", type=kind, name=name, parent=parent, needs=needs)


@pytest.fixture
def plan() -> list[tuple[str, list[Change]]]:
    """Two stacks: keys, buckets that need them, and a topic on the platform, with a stop within its cost."""
    root = change("base", "pulumi:pulumi:Stack", "base")
    keys = change("base", "modelyard:platform:Keys", "keys", root.urn)
    key = change("base", "aws:kms/key:Key", "keys-key", keys.urn)
    store = change("base", "modelyard:platform:ArtifactStorage", "storage", root.urn)
    buckets = [change("base", "aws:s3/bucket:Bucket", f"storage-{it}", store.urn, (key.urn,)) for it in ("a", "b")]
    loose = change("base", "aws:sns/topic:Topic", "alone", root.urn)
    top = change("top", "pulumi:pulumi:Stack", "top")
    read = change("top", "pulumi:pulumi:StackReference", "organization/base/dev", top.urn)
    cost = change("top", "modelyard:platform:Cost", "cost", top.urn)
    stop = change("top", "modelyard:platform:IdleStop", "cost-idle", cost.urn)
    role = change("top", "aws:iam/role:Role", "cost-idle-role", stop.urn, (read.urn,))
    return [("base", [root, keys, key, store, *buckets, loose]), ("top", [top, read, cost, stop, role])]

"""Plans without programs."""

import pytest

from modelyard.policies.plan import Planned


def planned(stack: str, kind: str, name: str, parent: str = "", needs: tuple[str, ...] = ()) -> Planned:
    """Return a resource as a program plans it."""
    used = {"input": needs} if needs else {}
    return Planned(
        urn=f"{stack}::{kind}::{name}", type=kind, name=name, parent=parent, stack=f"{stack}/dev", needs=used
    )


@pytest.fixture
def plan() -> list[Planned]:
    """Two stacks: keys, buckets that need them, and a topic on the platform, with a stop within its cost."""
    root = planned("base", "pulumi:pulumi:Stack", "base")
    keys = planned("base", "modelyard:platform:Keys", "keys", root.urn)
    key = planned("base", "aws:kms/key:Key", "keys-key", keys.urn)
    store = planned("base", "modelyard:platform:ArtifactStorage", "storage", root.urn)
    buckets = [planned("base", "aws:s3/bucket:Bucket", f"storage-{it}", store.urn, (key.urn,)) for it in ("a", "b")]
    loose = planned("base", "aws:sns/topic:Topic", "alone", root.urn)
    top = planned("top", "pulumi:pulumi:Stack", "top")
    read = planned("top", "pulumi:pulumi:StackReference", "organization/base/dev", top.urn)
    cost = planned("top", "modelyard:platform:Cost", "cost", top.urn)
    stop = planned("top", "modelyard:platform:IdleStop", "cost-idle", cost.urn)
    role = planned("top", "aws:iam/role:Role", "cost-idle-role", stop.urn, (read.urn,))
    return [root, keys, key, store, *buckets, loose, top, read, cost, stop, role]

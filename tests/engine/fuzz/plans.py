"""What is left to chance: new resources, changes of a program, and what goes wrong."""

from typing import Any

from engine.fuzz.cloud import CallFault
from engine.fuzz.disk import DiskFault
from engine.fuzz.subject import FINE, Plan
from hypothesis import strategies as st

KINDS = ("Plain", "Tagged", "Named", "Group", "Provider")

picks = st.integers(0, 7)
links = st.fixed_dictionaries(
    {},
    optional={
        "ref": picks,
        "fixed_ref": picks,
        "out_of": picks,
        "within": picks,
        "depends_on": picks,
        "replace_with": picks,
        "parent": picks,
        "provider": picks,
    },
)
options = st.fixed_dictionaries(
    {},
    optional={
        "protect": st.just(True),
        "retain": st.just(True),
        "ignore": st.just(True),
        "secret": st.just(True),
        "delete_first": st.booleans(),
    },
)
additions: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"kind": st.sampled_from(KINDS + KINDS[:3]), "links": links, "options": options}
)
changes = st.sampled_from(
    [
        {"value": 1},
        {"fixed": 1},
        {"fixed_first": 1},
        {"trigger": 1},
        {"secret": True},
        {"protect": True},
        {"protect": False},
        {"retain": True},
        {"retain": False},
        {"ignore": True},
        {"ignore": False},
        {"delete_first": True},
        {"delete_first": False},
        {"delete_first": None},
        {"provider": ""},
        {"fixed_ref": "", "ref": ""},
        {"formerly": ()},
    ]
)

damages = st.sampled_from(["cut short", "bit flipped", "another stack's", "older", "newer version"])

_calls = st.dictionaries(st.integers(0, 14), st.sampled_from(CallFault), max_size=3)
_disk = st.dictionaries(st.integers(0, 45), st.sampled_from(DiskFault), max_size=2)
_chance = st.integers(0, 255)
_full = st.dictionaries(
    st.integers(0, 40), st.sampled_from([DiskFault.FULL, DiskFault.FULL_FROM_HERE]), min_size=1, max_size=2
)
plans = st.one_of(
    st.just(FINE),
    st.builds(Plan, calls=_calls, chance=_chance),
    st.builds(Plan, disk=_full, chance=_chance),
    st.builds(Plan, calls=_calls, disk=_disk, power=st.booleans(), chance=_chance),
)
deaths = st.one_of(
    st.builds(
        Plan,
        disk=st.dictionaries(
            st.integers(0, 45), st.sampled_from([DiskFault.KILL_BEFORE, DiskFault.KILL_AFTER]), min_size=1, max_size=1
        ),
        power=st.booleans(),
        chance=_chance,
    ),
    st.builds(
        Plan,
        calls=st.dictionaries(
            st.integers(0, 14), st.sampled_from([CallFault.KILL_BEFORE, CallFault.KILL_AFTER]), min_size=1, max_size=1
        ),
        power=st.booleans(),
        chance=_chance,
    ),
)

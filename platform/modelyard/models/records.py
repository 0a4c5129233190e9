"""Who decided what about a model, when and why: kept with its package in the registry, decision after decision.

SageMaker keeps a package's `CustomerMetadataProperties`: at most 50 pairs, a value at most 256 letters, digits, spaces
and `_.:/=+-@`. A decision is one pair, `decision_01` and so on; the newest is in `ApprovalDescription` and in the model
card too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from getpass import getuser
from subprocess import run
from typing import Any

from modelyard.errors import CloudError
from modelyard.models.deployed import DeployedModel
from modelyard.models.pipelines import translated
from modelyard.naming import tag_value

_DECISION = re.compile(r"decision_(\d\d)")
_MOST_PAIRS = 50
_LONGEST_VALUE = 256
_LONGEST_DESCRIPTION = 1024


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who decides.

    Args:
        name: as git or the system knows them.
        arn: as AWS knows them.
    """

    name: str
    arn: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision on a model.

    Args:
        what: such as `approved` or `rolled back to version 3`.
        by: who made it.
        when: the time, in UTC.
        gate: what came of the comparison with the champion; empty when there was none.
        note: why.
    """

    what: str
    by: Person
    when: datetime
    gate: str = ""
    note: str = ""

    @property
    def told(self) -> str:
        """The decision in one line."""
        by = f"{self.what} by {self.by.name} as {self.by.arn} at {self.when:%Y-%m-%dT%H:%M:%SZ}"
        return " - ".join(part for part in (by, self.gate, self.note) if part)


def decide(model: DeployedModel, what: str, *, gate: str = "", note: str = "") -> Decision:
    """Make a decision of whoever types the command.

    Raises:
        CloudError: AWS doesn't say who that is.
    """
    with translated():
        arn = model.client("sts").get_caller_identity()["Arn"]
    return Decision(what=what, by=Person(name=_name(), arn=arn), when=datetime.now(UTC), gate=gate, note=note)


def _name() -> str:
    """Return the e-mail address that git has of the user, or the name that the system has."""
    try:
        found = run(["git", "config", "user.email"], capture_output=True, text=True, check=False).stdout.strip()
        return found or getuser()
    except OSError:
        return "somebody"


def pairs(properties: Mapping[str, str], decision: Decision) -> dict[str, str]:
    """Return what a decision adds to a package's properties.

    Args:
        properties: what the package has.
        decision: the new decision.

    Raises:
        CloudError: the package has no room for another.
    """
    number = 1 + max((int(it[1]) for it in map(_DECISION.fullmatch, properties) if it), default=0)
    if len(properties) >= _MOST_PAIRS:
        raise CloudError(
            f"the package has {len(properties)} properties, and SageMaker keeps no more",
            hint="register the model anew: modelyard pipeline run",
        )
    return {f"decision_{number:02}": value(decision.told)}


def history(properties: Mapping[str, str]) -> list[str]:
    """Return the decisions on a package, the oldest first."""
    return [properties[name] for name in sorted(properties) if _DECISION.fullmatch(name)]


def value(text: str) -> str:
    """Return a text as SageMaker takes it for the value of a property."""
    return tag_value(text)[:_LONGEST_VALUE]


def description(decision: Decision) -> str:
    """Return a decision as SageMaker takes it for an approval's description."""
    return decision.told[:_LONGEST_DESCRIPTION]


def on_card(card: Mapping[str, Any], decision: Decision) -> dict[str, Any]:
    """Return a model card's content with a decision among its custom details."""
    more = dict(card.get("additional_information") or {})
    details = {**(more.get("custom_details") or {}), "decision": value(decision.told)}
    return {**card, "additional_information": {**more, "custom_details": details}}

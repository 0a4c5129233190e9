"""The pack as a whole: all rules there are, and what they find in a plan."""

import difflib
import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import modelyard.policies.rules
from modelyard.errors import SettingsError
from modelyard.policies.plan import Plan, Planned
from modelyard.policies.rule import Rule
from modelyard.policies.settings import ExemptionSettings


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A resource that breaks a rule.

    Args:
        rule: the rule.
        resource: the resource.
        what: what is wrong with it.
    """

    rule: Rule
    resource: Planned
    what: str


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the pack says of a plan.

    Args:
        violations: what is refused.
        exempted: what would be, if it were not exempted.
        unused: exemptions that nothing needs.
    """

    violations: Sequence[Violation]
    exempted: Sequence[tuple[Violation, ExemptionSettings]] = ()
    unused: Sequence[ExemptionSettings] = ()


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Return all rules: those of every file in `policies/rules`, family by family."""
    package = modelyard.policies.rules
    modules = sorted(it.name for it in pkgutil.iter_modules(package.__path__))
    loaded = [importlib.import_module(f"{package.__name__}.{name}") for name in modules]
    return tuple(it for module in loaded for it in vars(module).values() if isinstance(it, Rule))


def find(plan: Plan) -> list[Violation]:
    """Return all that breaks a rule, whether it is exempted or not."""
    return [
        Violation(rule=rule, resource=resource, what=what) for rule in rules() for resource, what in rule.check(plan)
    ]


def judge(plan: Plan, exemptions: Sequence[ExemptionSettings] = (), *, today: date) -> Judgement:
    """Hold a plan to the rules.

    Args:
        plan: the resources.
        exemptions: what may break a rule.
        today: the day that it is; an exemption holds until the end of its last.

    Raises:
        SettingsError: an exemption names no rule, or its last day is over.
    """
    check_exemptions(exemptions, today)
    violations, exempted = [], []
    for violation in find(plan):
        allowed = next((it for it in exemptions if _covers(it, violation)), None)
        if allowed is None:
            violations.append(violation)
        else:
            exempted.append((violation, allowed))
    used = {id(it) for _, it in exempted}
    unused = [it for it in exemptions if id(it) not in used]
    return Judgement(violations=violations, exempted=exempted, unused=unused)


def check_exemptions(exemptions: Sequence[ExemptionSettings], today: date) -> None:
    """Refuse exemptions that can't hold.

    Raises:
        SettingsError: one names no rule, or its last day is over.
    """
    known = [it.id for it in rules()]
    for number, it in enumerate(exemptions):
        where = f"policy.exemptions[{number}] ({it.rule} for {it.resource})"
        if it.rule not in known:
            near = difflib.get_close_matches(it.rule, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "modelyard policy --rules"
            raise SettingsError(f"{where}: there is no rule {it.rule!r}", hint=hint)
        if it.until < today:
            raise SettingsError(
                f"{where}: it expired on {it.until}", hint="mend the resource, or have a new day reviewed and write it"
            )


def refuse_unused(judgement: Judgement) -> None:
    """Refuse exemptions that nothing in the whole environment needs.

    Raises:
        SettingsError: there is one.
    """
    if judgement.unused:
        it = judgement.unused[0]
        raise SettingsError(
            f"policy.exemptions ({it.rule} for {it.resource}): no resource {it.resource!r} breaks this rule",
            hint="mend its name, or take the exemption out",
        )


def _covers(exemption: ExemptionSettings, violation: Violation) -> bool:
    resource = violation.resource
    return exemption.rule == violation.rule.id and exemption.resource in (resource.name, resource.urn)

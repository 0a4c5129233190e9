"""Holding deployments to the policy pack: a plan before the first change, and what came of it when all is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from modelyard import wire
from modelyard.cli.engines import plugins_of
from modelyard.engine.base import Change, Deployment, Diagnostic, Engine, EventSink, Options, Result, Severity
from modelyard.engine.plan import Op
from modelyard.errors import DeploymentError
from modelyard.policies import pack
from modelyard.policies.pack import Judgement, Violation
from modelyard.policies.plan import Plan, Planned, staying
from modelyard.settings.environment import EnvironmentSettings
from modelyard.settings.model import ModelSettings
from modelyard.targets import Target

LOSS = "lasting-kept"
"""The rule that a preview is held to as well."""
_NAMED = 3  # resources of one error that are named
Work = Callable[[Engine, Deployment, EventSink], Result]
Check = Callable[[Sequence[Planned]], Sequence[Diagnostic]]
"""Says what else keeps a plan from being carried out."""


class UnplannedError(DeploymentError):
    """A stack can't be planned.

    Args:
        title: the stack.
        why: what its program or its plan says.
        hint: what to do.
        planned: the resources of the stacks before it.
    """

    def __init__(self, title: str, why: str, *, hint: str, planned: Sequence[Planned]) -> None:
        super().__init__(f"{title} can't be planned: {why}", hint=hint)
        self.title = title
        self.planned = planned


@dataclass
class Guard:
    """Refuses the changes of an `up` whose plan breaks a rule.

    It plans all stacks that the command is about before the first of them changes, so that nothing is done by halves.
    A deployment that changes nothing is judged by what it registered, and costs no plan.

    Args:
        settings: the environment's settings, with its exemptions.
        deployments: the stacks of the command, in their order.
        target: the cloud.
        engine: what runs the programs.
        checks: what else the plan has to hold to, besides the policies.
        title: the stack whose turn it is.
        asked: whether a plan has been judged.
    """

    settings: EnvironmentSettings | ModelSettings
    deployments: Sequence[Deployment]
    target: Target
    engine: Engine
    checks: Sequence[Check] = ()
    title: str = ""
    asked: bool = field(default=False)

    def __post_init__(self) -> None:
        pack.check_exemptions(self.settings.policy.exemptions, today())

    def guarded(self, work: Work) -> Work:
        """Return the work on one stack as it is done under guard."""

        def checked(engine: Engine, described: Deployment, sink: EventSink) -> Result:
            self.title = described.title
            result = work(engine, replace(described, gate=self._answers), sink)
            return self._judged(result, described, sink)

        return checked

    def _answers(self) -> list[Diagnostic]:
        """Say what keeps the plan from being carried out."""
        if self.asked:
            return []
        self.asked = True
        place = [it.title for it in self.deployments].index(self.title)
        try:
            planned = plan(self.engine, self.deployments[place:], self.target)
        except UnplannedError as error:
            if error.title == self.title:
                return [Diagnostic(Severity.ERROR, f"nothing is changed, for the policies can't be checked: {error}")]
            # What a stack is built on may have to be there first; it is asked again when it is its turn.
            self.asked, planned = False, list(error.planned)
        others = [answer for check in self.checks for answer in check(staying(planned))]
        return [told(it) for it in judged(self.settings, planned).violations] + others

    def _judged(self, result: Result, described: Deployment, sink: EventSink) -> Result:
        """Hold what came of a deployment to the rules: it may be what was not known before."""
        if result.outcome != "succeeded" or described.options.targets:
            return result
        found = judged(self.settings, _resources(described, result.changes)).violations
        return _refused(result, [told(it, done=result.has_changes) for it in found], sink)


def foreseeing(work: Work, settings: EnvironmentSettings | ModelSettings) -> Work:
    """Return the work of a preview, which fails where what holds data would go: nobody should read over that."""

    def previewed(engine: Engine, described: Deployment, sink: EventSink) -> Result:
        result = work(engine, described, sink)
        found = judged(settings, _foreseen(described, result.changes)).violations
        return _refused(result, [told(it) for it in found if it.resource.lost and it.rule.id == LOSS], sink)

    return previewed


def _refused(result: Result, answers: Sequence[Diagnostic], sink: EventSink) -> Result:
    """Tell what is wrong; a result of which nothing is stays as it is."""
    for answer in answers:
        sink(answer)
    diagnostics = (*result.diagnostics, *answers)
    return replace(result, outcome="failed", diagnostics=diagnostics) if answers else result


def plan(engine: Engine, deployments: Sequence[Deployment], target: Target) -> list[Planned]:
    """Plan stacks one on the other, and return all of their resources, and those that would go.

    In the local cloud what is not known yet is pretended, so that documents that are made of it can be judged; where a
    program can't go on with that, and on AWS, it stays unknown.

    Raises:
        UnplannedError: a program fails, or can't be planned.
    """
    planned: list[Planned] = []
    assumed: dict[str, wire.Props] = {}
    for described in deployments:
        options = Options(parallel=described.options.parallel)
        plain = replace(described, options=options, assumed=dict(assumed), gate=None)
        result = engine.preview(replace(plain, plugins=plugins_of(target, pretending=True)), _unheard)
        if result.outcome != "succeeded":
            result = engine.preview(plain, _unheard)
        if result.outcome != "succeeded":
            hint = f"modelyard preview --env {described.stack}"
            raise UnplannedError(described.title, _why(result), hint=hint, planned=planned)
        assumed[described.title] = dict(result.outputs)
        planned += _foreseen(described, result.changes)
    return planned


def judged(settings: EnvironmentSettings | ModelSettings, resources: Sequence[Planned]) -> Judgement:
    """Hold resources to the rules, as an environment's settings have them.

    Raises:
        SettingsError: an exemption names no rule, or its last day is over.
    """
    described = Plan(
        resources=resources,
        protected=settings.protect,
        region=settings.region,
        required_tags=settings.policy.required_tags,
    )
    return pack.judge(described, settings.policy.exemptions, today=today())


def told(violation: Violation, *, done: bool = False) -> Diagnostic:
    """Word a violation: what is wrong, why, and what to do."""
    rule, resource = violation.rule, violation.resource
    made = "; it was made, for this was not known before" if done else ""
    message = f"{resource.name} ({resource.type}) breaks {rule.id}: {violation.what}{made}; {rule.reason}"
    return Diagnostic(Severity.ERROR, f"{message}\n  -> {rule.mend}", resource.urn)


def today() -> date:
    """Return the day that it is, in UTC."""
    return datetime.now(UTC).date()


def _resources(described: Deployment, changes: Sequence[Change]) -> list[Planned]:
    return [
        Planned(
            type=change.type,
            name=change.name,
            urn=change.urn,
            inputs=wire.reveal(change.planned.inputs),
            id=change.id,
            parent=change.parent,
            stack=described.title,
            protect=change.planned.protect,
            needs=change.planned.needs,
        )
        for change in changes
        if change.planned is not None and not change.error
    ]


def _foreseen(described: Deployment, changes: Sequence[Change]) -> list[Planned]:
    """Return the resources of a plan, with what would be lost."""
    # One that is replaced for no reason of its own was deleted by an earlier deployment: nothing of it is left to lose.
    reasons = {it.urn: ", ".join(it.replaced_by) for it in changes if it.op is Op.REPLACE and it.replaced_by}
    lost = {urn: f"replaced ({those} changed)" for urn, those in reasons.items()}
    found = [replace(it, lost=lost.get(it.urn, "")) for it in _resources(described, changes)]
    known = {it.urn for it in found}
    return found + [
        Planned(type=it.type, name=it.name, urn=it.urn, stack=described.title, lost="deleted", gone=True)
        for it in changes
        if it.op is Op.DELETE and it.urn not in known
    ]


def _why(result: Result) -> str:
    """Say what is wrong, each thing once with the first of the resources that it is about."""
    names: dict[str, list[str]] = {}
    for it in result.changes:
        if it.error:
            names.setdefault(it.error, []).append(it.name)
    errors = [it.message for it in result.diagnostics if it.severity is Severity.ERROR]
    for text, those in names.items():
        more = f" and {len(those) - _NAMED} more" if len(those) > _NAMED else ""
        errors.append(f"{', '.join(those[:_NAMED])}{more}: {text}")
    return "; ".join(errors) or result.outcome


def _unheard(event: object) -> None:
    """Take no note of an event: the deployment itself tells all of it again."""

"""`modelyard policy`: what of an environment's plan the policy pack refuses."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelyard.cli.options import Choices, Cloud, Stacks, takes

if TYPE_CHECKING:
    from modelyard.cli.deploy import Session
    from modelyard.policies.pack import Judgement, Violation
    from modelyard.policies.rule import Rule
    from modelyard.targets import Target

_Rules = Annotated[bool, typer.Option("--rules", help="List the rules, and check nothing.")]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("policy")(policy)


@takes(Choices)
def policy(stacks: Stacks = None, rules: _Rules = False, *, choices: Choices) -> None:
    """Check what the programs plan against the policy pack, as every `up` does before its first change."""
    from modelyard.cli import deploy, policies, views
    from modelyard.cli.engines import engine_of
    from modelyard.errors import DeploymentError
    from modelyard.policies import pack
    from modelyard.policies.plan import staying

    if rules:
        _list(pack.rules(), json=choices.json)
        return
    opened = deploy.session(choices.env, choices=choices)
    pack.check_exemptions(opened.settings.policy.exemptions, policies.today())
    selected = opened.project.select(stacks or [])
    with _cloud(opened) as cloud:
        deployments = [opened.deployment(stack, cloud) for stack in selected]
        planned = policies.plan(engine_of(opened.choices), deployments, cloud)
    judgement = policies.judged(opened.settings, planned)
    count = len(staying(planned))
    if not stacks:
        pack.refuse_unused(judgement)
    if choices.json:
        views.document(_document(choices.env, judgement, count))
    else:
        _show(judgement, count)
    if found := len(judgement.violations):
        raise DeploymentError(
            f"{found} violation{'s' * (found > 1)} of the policies",
            hint=f"mend what is listed, or exempt it in the settings of {choices.env}: policy.exemptions",
        )


def _cloud(opened: "Session") -> AbstractContextManager["Target"]:
    """Return the cloud to plan on: AWS, the local one, or an empty one for the moment where none is running."""
    from modelyard.cli import architecture

    if opened.choices.cloud is Cloud.AWS:
        return nullcontext(opened.target(start=False))
    return architecture.lent_cloud(opened)


def _list(rules: "Sequence[Rule]", *, json: bool) -> None:
    from modelyard.cli import views

    if json:
        views.document([{"id": it.id, "title": it.title, "reason": it.reason, "mend": it.mend} for it in rules])
    else:
        views.table(("rule", "what has to hold"), [(it.id, it.title) for it in rules])


def _show(judgement: "Judgement", count: int) -> None:
    from modelyard.cli import views

    for it in judgement.violations:
        views.line(f"[bold red]x[/bold red] {views.escaped(it.resource.name)} [dim]{it.resource.type}[/dim]")
        views.line(f"    [bold]{it.rule.id}[/bold]: {views.escaped(it.what)}")
        views.line(f"    {it.rule.reason}")
        views.line(f"    -> {views.escaped(it.rule.mend)}")
    for it, exemption in judgement.exempted:
        views.line(
            f"[yellow]![/yellow] {views.escaped(it.resource.name)} breaks {it.rule.id}, exempted until "
            f"{exemption.until}: {views.escaped(exemption.reason)}"
        )
    from modelyard.policies import pack

    views.line(f"{count} resources, {len(pack.rules())} rules, {len(judgement.violations)} violations")


def _document(environment: str, judgement: "Judgement", count: int) -> dict[str, Any]:
    return {
        "env": environment,
        "result": "failed" if judgement.violations else "succeeded",
        "resources": count,
        "violations": [_as_json(it) for it in judgement.violations],
        "exempted": [
            {**_as_json(it), "exemption": {"reason": allowed.reason, "until": str(allowed.until)}}
            for it, allowed in judgement.exempted
        ],
    }


def _as_json(violation: "Violation") -> dict[str, str]:
    rule, resource = violation.rule, violation.resource
    return {
        "rule": rule.id,
        "stack": resource.stack,
        "resource": resource.name,
        "type": resource.type,
        "urn": resource.urn,
        "what": violation.what,
        "reason": rule.reason,
        "mend": rule.mend,
    }

"""`modelyard cost`: what an environment costs a month."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelyard.cli.options import AsJson, Environment

if TYPE_CHECKING:
    from modelyard.components.cost.settings import UsageSettings

Assume = Annotated[
    list[str] | None,
    typer.Option("--assume", metavar="NAME=VALUE", help="Assume something else of a month's use; can be repeated."),
]
PriceRegion = Annotated[
    str, typer.Option("--price-region", metavar="REGION", help="Take the prices of another region than the settings'.")
]
Prices = Annotated[
    Path | None,
    typer.Option("--prices", metavar="FILE", help="A table of prices that counts before all others, as CSV."),
]
Details = Annotated[bool, typer.Option("--details", help="A line for each thing that is charged for.")]
Region = Annotated[str, typer.Option("--region", help="The AWS region whose prices to fetch.")]


def register(application: typer.Typer) -> None:
    """Add the verbs."""
    cost = typer.Typer(help="What an environment costs a month, before or after it is deployed.")
    cost.callback(invoke_without_command=True)(estimate)
    cost.command("update")(update)
    application.add_typer(cost, name="cost")


def estimate(
    context: typer.Context,
    env: Environment = "dev",
    details: Details = False,
    assume: Assume = None,
    price_region: PriceRegion = "",
    prices: Prices = None,
    json: AsJson = False,
) -> None:
    """Estimate an environment's month from what its programs make, by component; nothing needs to be deployed.

    Things that are paid by use are estimated by what the settings assume (`cost.usage`). What has no price is named,
    and is not in the total.
    """
    if context.invoked_subcommand is not None:
        return
    from datetime import UTC, datetime

    from modelyard.cli import architecture, cost_view, views
    from modelyard.costing.estimate import estimate as estimated
    from modelyard.costing.prices import table

    opened = architecture.open_session(env)
    usage = _usage(opened.settings, assume or [])
    known = table([*([_existing(prices)] if prices else []), _cache(opened.home)])
    region = price_region or opened.settings.region
    found = estimated(architecture.planned(opened), known, region, usage)
    shown = cost_view.Shown(environment=env, region=region, estimate=found, usage=usage, today=datetime.now(UTC).date())
    if json:
        views.document(cost_view.document(shown))
        return
    cost_view.show(shown, details=details)
    if region not in known.regions:
        views.warning(
            f"there is no price of {region} at all; modelyard cost update --region {region}, or "
            f"--price-region {known.regions[0]}"
        )


def update(region: Region = "us-east-1", json: AsJson = False) -> None:
    """Fetch the prices anew from the AWS price list; it takes AWS credentials and a network."""
    import os
    from datetime import UTC, datetime

    from modelyard import project
    from modelyard.cli import views
    from modelyard.costing.prices import read, table, write
    from modelyard.costing.updating import connect, refresh
    from modelyard.errors import CloudError

    cache = _cache(project.home())
    client = connect(os.environ.get("AWS_ENDPOINT_URL_PRICING"))
    found = list(refresh(client, table([]).prices, region, datetime.now(UTC).date()))
    fresh = [it.price for it in found if not it.reason]
    left = [it.reason for it in found if it.reason]
    if not fresh:
        raise CloudError(f"the price list has none of the prices for {region}", hint="check --region")
    kept = [it for it in (read(cache) if cache.is_file() else []) if it.region != region]
    write(cache, [*fresh, *kept])
    if json:
        views.document({"region": region, "updated": len(fresh), "unchanged": left, "file": str(cache)})
        return
    for reason in left:
        views.warning(reason)
    views.line(f"{len(fresh)} prices of {region} are up to date")


def _cache(home: Path) -> Path:
    return home / "prices.csv"


def _existing(path: Path) -> Path:
    from modelyard.errors import UsageError

    if not path.is_file():
        raise UsageError(f"there is no file {path}", hint="name a CSV file: --prices FILE")
    return path


def _usage(settings: Any, assumed: list[str]) -> "UsageSettings":
    """Return what is assumed of a month: the settings, and over them the command line."""
    from pydantic import ValidationError

    from modelyard.components.cost.settings import UsageSettings
    from modelyard.errors import UsageError

    cost = getattr(settings, "cost", None)
    usage = cost.usage if cost is not None else UsageSettings.model_validate({})
    known = ", ".join(UsageSettings.model_fields)
    given = {}
    for text in assumed:
        name, mark, value = text.partition("=")
        if not mark or name not in UsageSettings.model_fields:
            raise UsageError(f"--assume {text}: it is no NAME=VALUE of these: {known}", hint="--assume stored_gib=500")
        given[name] = value
    try:
        return UsageSettings.model_validate({**usage.model_dump(), **given})
    except ValidationError as error:
        problem = error.errors()[0]
        raise UsageError(
            f"--assume {problem['loc'][0]}={problem['input']}: {problem['msg']}", hint="give a number from 0"
        ) from error

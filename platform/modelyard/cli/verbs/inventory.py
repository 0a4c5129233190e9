"""`modelyard inventory`: what the local cloud holds."""

import difflib
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from modelyard.cli.options import AsJson

if TYPE_CHECKING:
    from modelyard.localcloud.inventory import Item

_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
Region = Annotated[str, typer.Option("--region", help="The AWS region to look into.")]


def register(application: typer.Typer) -> None:
    """Add the verb."""
    application.command("inventory")(inventory)


def inventory(region: Region = "us-east-1", json: AsJson = False) -> None:
    """List every resource in the local cloud; what AWS itself puts into an account is left out."""
    from modelyard import project
    from modelyard.cli import deploy, views
    from modelyard.localcloud.inventory import inventory as look

    _check(region)
    target = deploy.target(project.home(), region, start=False)
    found = look(target.endpoint_url, region)
    if json:
        views.document({"count": len(found), "resources": [{"type": item.type, "id": item.id} for item in found]})
    elif found:
        views.table(("type", "id"), _grouped(found))
        views.line(f"{len(found)} resources")
    else:
        views.line("the local cloud is empty")


def _check(region: str) -> None:
    import boto3

    from modelyard.errors import UsageError

    known = boto3.session.Session().get_available_regions("ec2")
    if region not in known:
        near = difflib.get_close_matches(region, known, n=1) or ["us-east-1"]
        raise UsageError(f"there is no AWS region {region!r}", hint=f"modelyard inventory --region {near[0]}")


def _grouped(found: list["Item"]) -> list[tuple[str, str]]:
    """Return one row for each resource, but for objects one for each bucket."""
    objects = Counter(item.id.split("/")[0] for item in found if item.type == _OBJECT)
    rows = [(item.type, item.id) for item in found if item.type != _OBJECT]
    return sorted(rows + [(_OBJECT, f"{bucket} ({count} objects)") for bucket, count in objects.items()])

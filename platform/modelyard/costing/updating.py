"""Refreshing prices from the AWS price list API.

Its `GetProducts` answers with products, each a JSON text with `product.attributes.usagetype` and
`terms.OnDemand.*.priceDimensions.*.{beginRange, pricePerUnit.USD}`; it is described in AWS's "Billing user guide".
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from modelyard.costing.prices import Price
from modelyard.errors import CloudError

_API_REGION = "us-east-1"
_ADDRESS = "https://api.pricing.us-east-1.amazonaws.com"
SOURCE = "AWS price list API"
_WILD = 10
_STAYS = "the prices stay as they are"


@dataclass(frozen=True)
class Refreshed:
    """What came of one price.

    Args:
        price: as it is now.
        reason: why it stayed as it was; empty if it is the API's.
    """

    price: Price
    reason: str = ""


def connect(endpoint_url: str | None) -> Any:
    """Return a client of the price list: AWS's own, also in a shell that is turned to the local cloud.

    Args:
        endpoint_url: another address than AWS's.
    """
    import boto3
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": 2}, connect_timeout=5)
    return boto3.client("pricing", region_name=_API_REGION, endpoint_url=endpoint_url or _ADDRESS, config=config)


def refresh(client: Any, known: Iterable[Price], region: str, today: date) -> Iterator[Refreshed]:
    """Ask for each price anew, as a region's.

    Args:
        client: boto3's client of `pricing`.
        known: the prices of the table; each service's item is asked for once.
        region: the AWS region whose prices are wanted.
        today: the day.

    Yields:
        each price, also where the answer doesn't fit: then as it was, with the reason.

    Raises:
        CloudError: there are no credentials, AWS refused, or it can't be reached.
    """
    with _translated():
        yield from _refreshed(client, known, region, today)


def _refreshed(client: Any, known: Iterable[Price], region: str, today: date) -> Iterator[Refreshed]:
    asked: dict[tuple[str, str], Price] = {}
    for price in known:
        asked.setdefault((price.service, price.item), price)
    for price in asked.values():
        found = _asked(client, price, region)
        if found is None:
            yield Refreshed(price, f"the price list has no {price.service} {price.item} in {region}")
        elif not price.usd / _WILD <= found <= price.usd * _WILD:
            yield Refreshed(price, f"{price.service} {price.item} is {found}, and was {price.usd}: another unit?")
        else:
            yield Refreshed(replace(price, usd=found, region=region, date=today, source=SOURCE))


def _asked(client: Any, price: Price, region: str) -> Decimal | None:
    """Return the first price that isn't zero of the product with the usage type."""
    pages = client.get_paginator("get_products").paginate(
        ServiceCode=price.service,
        FormatVersion="aws_v1",
        Filters=[
            {"Type": "TERM_MATCH", "Field": "regionCode", "Value": region},
            {"Type": "CONTAINS", "Field": "usagetype", "Value": price.item},
        ],
    )
    own = re.compile(rf"([A-Za-z0-9-]+-)?{re.escape(price.item)}")
    products = (json.loads(text) for page in pages for text in page["PriceList"])
    matching = (it for it in products if own.fullmatch(it["product"]["attributes"].get("usagetype", "")))
    return next((found for product in matching if (found := _first_tier(product)) is not None), None)


def _first_tier(product: dict[str, Any]) -> Decimal | None:
    terms = product.get("terms", {}).get("OnDemand", {}).values()
    dimensions = [it for term in terms for it in term.get("priceDimensions", {}).values()]
    tiers = sorted((Decimal(it.get("beginRange") or 0), Decimal(it["pricePerUnit"].get("USD", 0))) for it in dimensions)
    return next((usd for _, usd in tiers if usd > 0), None)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what AWS refuses, or an AWS that does not answer, into an error for people."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except NoCredentialsError as error:
        said = f"the AWS price list takes credentials, and there are none; {_STAYS}"
        raise CloudError(said, hint="aws configure, or aws sso login") from error
    except ClientError as error:
        detail = error.response.get("Error", {})
        said = f"the AWS price list refused: {detail.get('Code')}: {detail.get('Message')}; {_STAYS}"
        raise CloudError(said, hint="let your AWS identity do pricing:GetProducts") from error
    except BotoCoreError as error:
        said = f"the AWS price list can't be reached: {error}; {_STAYS}"
        raise CloudError(said, hint="try again where there is a network") from error

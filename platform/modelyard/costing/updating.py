"""Refreshing prices from the AWS price list API.

Its `GetProducts` answers with products, each a JSON text with `product.attributes.usagetype` and
`terms.OnDemand.*.priceDimensions.*.{beginRange, pricePerUnit.USD}`; it is described in AWS's "Billing user guide".
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from modelyard.costing.prices import Price

API_REGION = "us-east-1"
SOURCE = "AWS price list API"
_WILD = 10


@dataclass(frozen=True)
class Refreshed:
    """What came of one price.

    Args:
        price: as it is now.
        reason: why it stayed as it was; empty if it is the API's.
    """

    price: Price
    reason: str = ""


def refresh(client: Any, known: Iterable[Price], region: str, today: date) -> Iterator[Refreshed]:
    """Ask for each price anew, as a region's.

    Args:
        client: boto3's client of `pricing`.
        known: the prices of the table; each service's item is asked for once.
        region: the AWS region whose prices are wanted.
        today: the day.

    Yields:
        each price, also where the answer doesn't fit: then as it was, with the reason.
    """
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

"""Prices: rows of a table, each with its date and its source; what isn't in it has no price, and is never free."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from modelyard.errors import UsageError

PACKAGED = Path(__file__).with_name("prices.csv")
MAX_AGE_DAYS = 90
_COLUMNS = ("service", "item", "unit", "usd", "region", "date", "source")


@dataclass(frozen=True, order=True)
class Price:
    """What one unit costs.

    Args:
        service: the AWS price list's code of the service, such as `AmazonEC2`.
        item: the price list's usage type without its region, such as `NatGateway-Hours`.
        unit: what is counted.
        usd: US dollars for one unit, in the first tier that isn't free.
        region: the AWS region.
        date: the day on which it was so.
        source: where that was read.
    """

    service: str
    item: str
    unit: str
    usd: Decimal
    region: str
    date: date
    source: str


@dataclass(frozen=True)
class PriceTable:
    """Prices; of two for the same thing the first counts."""

    prices: tuple[Price, ...]

    def find(self, service: str, item: str, region: str) -> Price | None:
        """Return the price of one unit in a region; None where it is not known."""
        wanted = (service, item, region)
        return next((it for it in self.prices if (it.service, it.item, it.region) == wanted), None)

    @property
    def regions(self) -> list[str]:
        """List the regions that have any price."""
        return sorted({it.region for it in self.prices})


def table(files: Sequence[Path]) -> PriceTable:
    """Read tables, the one that counts most first; the package's own comes last.

    Args:
        files: tables of the user's; one that doesn't exist counts as empty.

    Raises:
        UsageError: a table is not valid.
    """
    known = [it for it in files if it.is_file()]
    return PriceTable(tuple(price for path in (*known, PACKAGED) for price in read(path)))


def read(path: Path) -> list[Price]:
    """Read one table.

    Raises:
        UsageError: it is not valid.
    """
    try:
        table = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
        lines = list(table)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read: {error}", hint="see what is in its place") from error
    if missing := [column for column in _COLUMNS if column not in (table.fieldnames or ())]:
        hint = f"begin the file with the line {','.join(_COLUMNS)}"
        raise UsageError(f"{path} has no column {missing[0]}", hint=hint)
    return [_price(path, number, line) for number, line in enumerate(lines, start=2)]


def write(path: Path, prices: Iterable[Price]) -> None:
    """Write a table; the file is either the old one or the new one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(_COLUMNS)
        rows.writerows([str(getattr(price, column)) for column in _COLUMNS] for price in sorted(prices))
    temporary.replace(path)


def old(prices: Iterable[Price], today: date) -> list[Price]:
    """Return those that are older than 90 days, the oldest first."""
    limit = today - timedelta(days=MAX_AGE_DAYS)
    return sorted((it for it in prices if it.date < limit), key=lambda it: it.date)


def _price(path: Path, number: int, line: dict[str, str]) -> Price:
    try:
        usd = Decimal(line["usd"])
        if not usd.is_finite() or usd < 0:
            raise InvalidOperation
        words = {name: line[name] for name in ("service", "item", "unit", "region", "source")}
        return Price(**words, usd=usd, date=date.fromisoformat(line["date"]))
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise UsageError(
            f"{path}, line {number}: it is no price", hint=f"give each line the columns {','.join(_COLUMNS)}"
        ) from error

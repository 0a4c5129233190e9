"""When a schedule expression of EventBridge is next due: `rate(...)`, `cron(...)` and `at(...)`.

Source: the EventBridge user guide, "Setting a schedule pattern", and the EventBridge Scheduler user guide, "Schedule
types".
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_LAST_YEAR = 2199
_SHAPE = re.compile(r"^(rate|cron|at)\((.+)\)$")


class ScheduleError(ValueError):
    """An expression that EventBridge refuses."""


@dataclass(frozen=True)
class Cron:
    """The six fields of a cron expression: what each allows.

    Args:
        minutes: 0 to 59.
        hours: 0 to 23.
        days: the expression for the day of the month; `?` leaves it to the day of the week.
        months: 1 to 12.
        weekdays: the expression for the day of the week; `?` leaves it to the day of the month.
        years: 1970 to 2199.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]

    def after(self, moment: datetime) -> datetime | None:
        """Return the first time after a moment, in the moment's own zone; None if there is none."""
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        earliest = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        while day.year <= min(_LAST_YEAR, moment.year + 12):
            if day.year in self.years and day.month in self.months and day.day in self._days_of(day.year, day.month):
                for hour in self.hours:
                    for minute in self.minutes:
                        found = day.replace(hour=hour, minute=minute)
                        if found >= earliest:
                            return found
            day += timedelta(days=1)
        return None

    def _days_of(self, year: int, month: int) -> set[int]:
        last = calendar.monthrange(year, month)[1]
        if self.weekdays == "?":
            return _monthdays(self.days, year, month, last)
        return _weekdays(self.weekdays, year, month, last)


def parse_cron(text: str) -> Cron:
    """Read the six fields.

    Raises:
        ScheduleError: they aren't six, or one isn't what a field may be.
    """
    fields = text.upper().split()
    if len(fields) != 6:
        raise ScheduleError(f"cron({text}) needs six fields: minutes hours day-of-month month day-of-week year")
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise ScheduleError(f"cron({text}): exactly one of day-of-month and day-of-week must be ?")
    return Cron(
        tuple(sorted(_values(minutes, 0, 59))),
        tuple(sorted(_values(hours, 0, 23))),
        days,
        frozenset(_values(months, 1, 12, _MONTHS)),
        weekdays,
        frozenset(_values(years, 1970, _LAST_YEAR)),
    )


def next_due(expression: str, anchor: float, after: float, zone: str = "UTC") -> float | None:
    """Return when a schedule is next due, in seconds since the epoch; None if never again.

    Args:
        expression: such as `rate(5 minutes)`, `cron(0 12 * * ? *)` or `at(2026-11-20T13:00:00)`.
        anchor: when the schedule was made, from which a rate counts.
        after: a moment; what is due at it doesn't count.
        zone: the time zone of `cron` and `at`.

    Raises:
        ScheduleError: the expression is none.
    """
    shape = _SHAPE.match(expression.strip())
    if not shape:
        raise ScheduleError(f"{expression!r} is no rate(...), cron(...) or at(...)")
    kind, text = shape.groups()
    if kind == "rate":
        seconds = _rate(text)
        return anchor + (int(max(after - anchor, 0.0) // seconds) + 1) * seconds
    try:
        local = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ScheduleError(f"{zone} is no time zone") from error
    if kind == "at":
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=local).timestamp()
        except ValueError as error:
            raise ScheduleError(f"at({text}) is no time such as 2026-11-20T13:00:00") from error
        return moment if moment > after else None
    found = parse_cron(text).after(datetime.fromtimestamp(after, UTC).astimezone(local))
    return found.timestamp() if found else None


def _rate(text: str) -> int:
    match = re.match(r"^([1-9]\d*) (minute|hour|day)(s?)$", text)
    if not match or (match[1] == "1") != (match[3] == ""):
        raise ScheduleError(f"rate({text}) must be such as rate(1 minute), rate(2 hours) or rate(7 days)")
    return int(match[1]) * _UNITS[match[2]]


def _values(field: str, low: int, high: int, names: dict[str, int] | None = None) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, every = part.partition("/")
        first, _, last = span.partition("-")
        if span in ("*", "?"):
            start, end = low, high
        else:
            start = _number(first, names)
            end = _number(last, names) if last else (high if every else start)
        if not (low <= start <= high and low <= end <= high and (not every or _number(every, None) > 0)):
            raise ScheduleError(f"{part!r} is outside {low} to {high}")
        step = _number(every, None) if every else 1
        found |= set(range(start, end + 1, step)) if start <= end else {*range(start, high + 1), *range(low, end + 1)}
    return found


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    try:
        return int(text)
    except ValueError as error:
        raise ScheduleError(f"{text!r} is no value of a cron field") from error


def _monthdays(field: str, year: int, month: int, last: int) -> set[int]:
    if field == "L":
        return {last}
    if field.endswith("W"):
        return {_workday(min(_number(field[:-1], None), last), year, month, last)}
    return _values(field, 1, 31)


def _workday(day: int, year: int, month: int, last: int) -> int:
    """Return the weekday nearest to a day of a month, in that month."""
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < last else day - 2
    return day


def _weekdays(field: str, year: int, month: int, last: int) -> set[int]:
    def number(day: int) -> int:
        return (calendar.weekday(year, month, day) + 1) % 7 + 1

    days = range(1, last + 1)
    if "#" in field:
        wanted, _, nth = field.partition("#")
        matching = [day for day in days if number(day) == _number(wanted, _DAYS)]
        return set(matching[_number(nth, None) - 1 : _number(nth, None)])
    if field.endswith("L"):
        wanted_day = _number(field[:-1] or "7", _DAYS)
        return {max(day for day in days if number(day) == wanted_day)}
    allowed = _values(field, 1, 7, _DAYS)
    return {day for day in days if number(day) in allowed}

"""The pictures in the report of `modelyard demo drift`: plain SVG, made of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

RIGHT, WRONG, FAILED, BEFORE, AFTER = "#2f9e6e", "#e8a33d", "#cf4a4a", "#9fb3cc", "#3867b0"
THRESHOLD = 0.1
_WIDTH, _ROW, _LABEL = 900, 26, 290
_MOST_FEATURES = 15
_BINS, _IN_A_ROW, _MOST_PICTURES = 24, 3, 6
_PICTURE_HEIGHT = 120


@dataclass(frozen=True)
class Phase:
    """How the endpoint answered in one part of the story.

    Args:
        title: what was going on.
        right: how many rows were answered rightly.
        wrong: how many wrongly.
        failed: how many not at all.
    """

    title: str
    right: int
    wrong: int
    failed: int

    @property
    def asked(self) -> int:
        """How many rows were asked about."""
        return self.right + self.wrong + self.failed


def key(*items: tuple[str, str]) -> str:
    """Return what each color means."""
    shown = "".join(f'<span style="background:{color}"></span>{escape(name)}' for name, color in items)
    return f'<p class="key">{shown}</p>'


def phases(shown: Sequence[Phase]) -> str:
    """Draw a bar for each phase: right, wrong and no answers."""
    rows, room = [], _WIDTH - _LABEL - 60
    for place, phase in enumerate(shown):
        top, left = place * (_ROW + 8), float(_LABEL)
        rows.append(f'<text x="0" y="{top + 18}">{escape(phase.title)}</text>')
        for count, color in ((phase.right, RIGHT), (phase.wrong, WRONG), (phase.failed, FAILED)):
            width = room * count / max(phase.asked, 1)
            rows.append(f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_ROW}" fill="{color}"/>')
            left += width
        percent = 100 * phase.right / max(phase.asked, 1)
        rows.append(f'<text x="{left + 6:.1f}" y="{top + 18}">{percent:.1f} %</text>')
    return _svg(len(shown) * (_ROW + 8), rows)


def distances(before: Mapping[str, float], after: Mapping[str, float]) -> str:
    """Draw each feature's distance from the baseline, those that drifted most first."""
    order = sorted(after, key=lambda name: -after[name])[:_MOST_FEATURES]
    rows, room = [], _WIDTH - _LABEL - 60
    for place, name in enumerate(order):
        top = place * (_ROW + 8)
        rows.append(f'<text x="0" y="{top + 18}">{escape(name)}</text>')
        pairs = ((before.get(name, 0.0), BEFORE, 0), (after[name], AFTER, _ROW // 2))
        for value, color, shift in pairs:
            width = max(room * min(value, 1.0), 1.5)
            rows.append(
                f'<rect x="{_LABEL}" y="{top + shift}" width="{width:.1f}" height="{_ROW // 2 - 1}" fill="{color}"/>'
            )
        width = room * min(after[name], 1.0)
        rows.append(f'<text x="{_LABEL + width + 6:.1f}" y="{top + 23}">{after[name]:.2f}</text>')
    height = len(order) * (_ROW + 8)
    line = _LABEL + room * THRESHOLD
    rows.append(f'<line x1="{line}" x2="{line}" y1="0" y2="{height}" stroke="{FAILED}" stroke-dasharray="4 3"/>')
    return _svg(height, rows)


def distributions(
    before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]], drift: Mapping[str, float]
) -> str:
    """Draw histograms of the features that drifted most, before the change and after it.

    Args:
        before: each feature's values.
        after: and afterwards.
        drift: each feature's distance.
    """
    names = [name for name in sorted(drift, key=lambda name: -drift[name]) if name in before and name in after]
    rows: list[str] = []
    for place, name in enumerate(names[:_MOST_PICTURES]):
        left = (place % _IN_A_ROW) * (_WIDTH / _IN_A_ROW)
        top = (place // _IN_A_ROW) * (_PICTURE_HEIGHT + 50)
        rows += _histograms(name, before[name], after[name], (left, top + 20))
    lines = -(-min(len(names), _MOST_PICTURES) // _IN_A_ROW)
    return _svg(lines * (_PICTURE_HEIGHT + 50), rows)


def _histograms(name: str, before: Sequence[float], after: Sequence[float], at: tuple[float, float]) -> list[str]:
    left, top = at
    low, high = min(*before, *after), max(*before, *after)
    width = (_WIDTH / _IN_A_ROW - 24) / _BINS
    counts = [_counts(values, low, high) for values in (before, after)]
    most = max(max(count) for count in counts)
    rows = [f'<text x="{left:.1f}" y="{top - 6:.1f}">{escape(name)}</text>']
    for count, color in zip(counts, (BEFORE, AFTER), strict=True):
        for place, share in enumerate(count):
            height = _PICTURE_HEIGHT * share / most
            rows.append(
                f'<rect x="{left + place * width:.1f}" y="{top + _PICTURE_HEIGHT - height:.1f}" width="{width:.1f}" '
                f'height="{height:.1f}" fill="{color}" fill-opacity=".65"/>'
            )
    base = top + _PICTURE_HEIGHT + 16
    rows.append(f'<text class="axis" x="{left:.1f}" y="{base:.1f}">{low:.3g}</text>')
    end = left + width * _BINS
    rows.append(f'<text class="axis" x="{end:.1f}" y="{base:.1f}" text-anchor="end">{high:.3g}</text>')
    return rows


def _counts(values: Sequence[float], low: float, high: float) -> list[float]:
    """Return the share of the values in each bin."""
    counts = [0] * _BINS
    for value in values:
        place = int((value - low) / (high - low) * _BINS) if high > low else 0
        counts[min(place, _BINS - 1)] += 1
    return [count / len(values) for count in counts]


def _svg(height: int, rows: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img">{"".join(rows)}</svg>'

"""The report of `modelyard demo drift`: one HTML file with everything in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2433; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
svg { width: 100%; height: auto; } svg text { font: 13px system-ui, sans-serif; fill: #1d2433; }
table { border-collapse: collapse; width: 100%; } td { padding: .3rem .6rem; border-top: 1px solid #dde2ea; }
td:first-child { white-space: nowrap; color: #5b6577; font-variant-numeric: tabular-nums; }
.key span { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .3em 0 1em; }
"""
RIGHT, WRONG, FAILED, BEFORE, AFTER = "#2f9e6e", "#e8a33d", "#cf4a4a", "#9fb3cc", "#3867b0"
_WIDTH, _ROW, _LABEL = 900, 26, 290
_MOST_FEATURES = 15


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


@dataclass
class Seen:
    """What the demo saw.

    Args:
        phases: how the endpoint answered.
        drift_before: each feature's distance from the baseline before the change.
        drift_after: and after it.
        timeline: what happened when, by the cloud's clock.
    """

    phases: list[Phase] = field(default_factory=list)
    drift_before: dict[str, float] = field(default_factory=dict)
    drift_after: dict[str, float] = field(default_factory=dict)
    timeline: list[tuple[str, str]] = field(default_factory=list)


def html(seen: Seen) -> str:
    """Return the page; it loads nothing from anywhere."""
    events = "".join(
        f"<tr><td>{escape(moment[:19].replace('T', ' '))}</td><td>{escape(text)}</td></tr>"
        for moment, text in seen.timeline
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A loop that closes</title><style>{_STYLE}</style></head><body>
<h1>A loop that closes</h1>
<p>{escape(summary(seen))}</p>
<h2>How the endpoint answered</h2>
{_key(("right", RIGHT), ("wrong", WRONG), ("no answer", FAILED))}
{_phases(seen.phases)}
<h2>How far each feature was from what the model was trained on</h2>
<p>The largest difference of the cumulative distributions, corrected for the sample's size; above the line is drift.</p>
{_key(("before the change", BEFORE), ("after it", AFTER))}
{_drifts(seen)}
<h2>What happened, by the cloud's clock</h2>
<table>{events}</table>
</body></html>
"""


def summary(seen: Seen) -> str:
    """Tell the story in a sentence."""
    share = {phase.title: phase.right / max(phase.asked, 1) for phase in seen.phases}
    told = [f"{title}: {100 * value:.1f} % right" for title, value in share.items()]
    drifted = sum(value > 0.1 for value in seen.drift_after.values())
    return f"{drifted} of {len(seen.drift_after)} features drifted. " + "; ".join(told) + "."


def _key(*items: tuple[str, str]) -> str:
    shown = "".join(f'<span style="background:{color}"></span>{escape(name)}' for name, color in items)
    return f'<p class="key">{shown}</p>'


def _phases(phases: Sequence[Phase]) -> str:
    rows, room = [], _WIDTH - _LABEL - 60
    for place, phase in enumerate(phases):
        top, left = place * (_ROW + 8), float(_LABEL)
        rows.append(f'<text x="0" y="{top + 18}">{escape(phase.title)}</text>')
        for count, color in ((phase.right, RIGHT), (phase.wrong, WRONG), (phase.failed, FAILED)):
            width = room * count / max(phase.asked, 1)
            rows.append(f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_ROW}" fill="{color}"/>')
            left += width
        percent = 100 * phase.right / max(phase.asked, 1)
        rows.append(f'<text x="{left + 6:.1f}" y="{top + 18}">{percent:.1f} %</text>')
    return _svg(len(phases) * (_ROW + 8), rows)


def _drifts(seen: Seen) -> str:
    order = sorted(seen.drift_after, key=lambda name: -seen.drift_after[name])[:_MOST_FEATURES]
    rows, room = [], _WIDTH - _LABEL - 60
    for place, name in enumerate(order):
        top = place * (_ROW + 8)
        rows.append(f'<text x="0" y="{top + 18}">{escape(name)}</text>')
        pairs = ((seen.drift_before.get(name, 0.0), BEFORE, 0), (seen.drift_after[name], AFTER, _ROW // 2))
        for value, color, shift in pairs:
            width = max(room * min(value, 1.0), 1.5)
            rows.append(
                f'<rect x="{_LABEL}" y="{top + shift}" width="{width:.1f}" height="{_ROW // 2 - 1}" fill="{color}"/>'
            )
        width = room * min(seen.drift_after[name], 1.0)
        rows.append(f'<text x="{_LABEL + width + 6:.1f}" y="{top + 23}">{seen.drift_after[name]:.2f}</text>')
    height = len(order) * (_ROW + 8)
    line = _LABEL + room * 0.1
    rows.append(f'<line x1="{line}" x2="{line}" y1="0" y2="{height}" stroke="{FAILED}" stroke-dasharray="4 3"/>')
    return _svg(height, rows)


def _svg(height: int, rows: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img">{"".join(rows)}</svg>'

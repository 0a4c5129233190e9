"""The report of `modelyard demo drift`: one HTML file with everything in it."""

from dataclasses import dataclass, field
from html import escape

from modelyard.cli import drift_plots
from modelyard.cli.drift_plots import AFTER, BEFORE, FAILED, RIGHT, THRESHOLD, WRONG, Phase

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2433; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
svg { width: 100%; height: auto; } svg text { font: 13px system-ui, sans-serif; fill: #1d2433; }
svg text.axis { font-size: 11px; fill: #5b6577; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .3rem .6rem; border-top: 1px solid #dde2ea; }
td:first-child { white-space: nowrap; color: #5b6577; font-variant-numeric: tabular-nums; }
table.metrics { width: auto; } table.metrics th { text-align: left; font-weight: 600; border: 0; }
.key span { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .3em 0 1em; }
"""


@dataclass
class Seen:
    """What the demo saw.

    Args:
        phases: how the endpoint answered.
        drift_before: each feature's distance from the baseline before the change.
        drift_after: and after it.
        values_before: each feature's values that the endpoint was asked about before the change.
        values_after: and after it.
        metrics_before: what the gate measured of the model that served, on the new data.
        metrics_after: and of the one that took over, on the same data.
        timeline: what happened when, by the cloud's clock.
    """

    phases: list[Phase] = field(default_factory=list)
    drift_before: dict[str, float] = field(default_factory=dict)
    drift_after: dict[str, float] = field(default_factory=dict)
    values_before: dict[str, list[float]] = field(default_factory=dict)
    values_after: dict[str, list[float]] = field(default_factory=dict)
    metrics_before: dict[str, float] = field(default_factory=dict)
    metrics_after: dict[str, float] = field(default_factory=dict)
    timeline: list[tuple[str, str]] = field(default_factory=list)


def html(seen: Seen) -> str:
    """Return the page; it loads nothing from anywhere."""
    events = "".join(
        f"<tr><td>{escape(moment[:19].replace('T', ' '))}</td><td>{escape(text)}</td></tr>"
        for moment, text in seen.timeline
    )
    both = drift_plots.key(("before the change", BEFORE), ("after it", AFTER))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A loop that closes</title><style>{_STYLE}</style></head><body>
<h1>A loop that closes</h1>
<p>{escape(summary(seen))}</p>
<h2>How the endpoint answered</h2>
{drift_plots.key(("right", RIGHT), ("wrong", WRONG), ("no answer", FAILED))}
{drift_plots.phases(seen.phases)}
<h2>How far each feature was from what the model was trained on</h2>
<p>The largest difference of the cumulative distributions, corrected for the sample's size; above the line is drift.</p>
{both}
{drift_plots.distances(seen.drift_before, seen.drift_after)}
<h2>What the endpoint was asked: the features that drifted most</h2>
{both}
{drift_plots.distributions(seen.values_before, seen.values_after, seen.drift_after)}
<h2>What the gate measured, both models on the same new data</h2>
{_metrics(seen)}
<h2>What happened, by the cloud's clock</h2>
<table>{events}</table>
</body></html>
"""


def summary(seen: Seen) -> str:
    """Tell the story in a sentence."""
    share = {phase.title: phase.right / max(phase.asked, 1) for phase in seen.phases}
    told = [f"{title}: {100 * value:.1f} % right" for title, value in share.items()]
    drifted = sum(value > THRESHOLD for value in seen.drift_after.values())
    return f"{drifted} of {len(seen.drift_after)} features drifted. " + "; ".join(told) + "."


def _metrics(seen: Seen) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{seen.metrics_before[name]:.4f}</td><td>{value:.4f}</td></tr>"
        for name, value in sorted(seen.metrics_after.items())
        if name in seen.metrics_before
    )
    return f'<table class="metrics"><tr><th></th><th>the first model</th><th>the new model</th></tr>{rows}</table>'

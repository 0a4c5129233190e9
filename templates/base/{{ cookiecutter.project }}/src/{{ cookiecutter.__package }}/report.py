"""Writes what an evaluation found: `report.html` in one file, `model_card.md`, and plots."""

import base64
import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from {{ cookiecutter.__package }}.assessment import Assessment
from {{ cookiecutter.__package }}.champion import Comparison
from {{ cookiecutter.__package }}.scores import Answers
from {{ cookiecutter.__package }}.settings import OWNER, PURPOSE, Settings
from {{ cookiecutter.__package }}.table import Numbers, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = 15
_STYLE = "body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}"
_STYLE += "td,th{padding:.25rem .75rem;border-bottom:1px solid #ddd;text-align:left}img{max-width:100%}"

Draw = Callable[["Axes"], None]
Rows = Sequence[Sequence[str]]
Section = tuple[str, str, Rows, str]


def write(
    folder: Path, settings: Settings, found: Assessment, test: Table, given: Answers, comparison: Comparison
) -> None:
    """Write the report.

    Args:
        folder: where to.
        settings: what the model was made with.
        found: what the evaluation found.
        test: the held-out rows.
        given: the model's answers about them.
        comparison: the candidate and the champion on these rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plots: dict[str, Draw] = {"quality.png": lambda it: _quality(it, settings, test.labels, given)}
    if found.explanations:
        plots["explanations.png"] = lambda it: _explanations(it, found.explanations)
    for name, draw in plots.items():
        _plot(folder / name, draw)
    sections = list(_sections(settings, found, len(test.labels), comparison))
    (folder / "model_card.md").write_text(_markdown(sections, settings), encoding="utf-8")
    (folder / "report.html").write_text(_html(folder, sections), encoding="utf-8")


def _sections(settings: Settings, found: Assessment, rows: int, comparison: Comparison) -> Iterable[Section]:
    """Yield each section: its title, a sentence, a table whose first row is its header, and its plot."""
    quality, names = settings.quality, list(found.metrics)
    folds = [("metric", "held out", f"deviation over {len(found.folds)} folds")]
    folds += [(name, f"{value:.4f}", _told(found.deviation(name))) for name, value in found.metrics.items()]
    yield "Quality", f"Measured on {rows} rows that no training has seen.", folds, "quality.png"
    if comparison.champion is None:
        yield "Against the champion", "There is no champion that it could be compared with.", [], ""
    else:
        values = (
            comparison.metric,
            f"{comparison.candidate:.4f}",
            f"{comparison.champion:.4f}",
            f"{comparison.gain:.4f}",
        )
        told = f"The champion is version {comparison.version}, measured on the same rows."
        yield "Against the champion", told, [("metric", "candidate", "champion", "gain"), values], ""
    slices = [("slice", "rows", *names)]
    slices += [(name, str(count), *_row(it, names)) for name, (count, it) in found.slices.items()]
    yield "Slices", "" if found.slices else "settings.toml names no slices.", slices if found.slices else [], ""
    groups = [("group", *names), *((name, *_row(it, names)) for name, it in found.groups.items())]
    if found.fairness:
        told = ", ".join(f"{name} {value:.4f}" for name, value in found.fairness.items())
        yield "Fairness", f"Groups by {quality.sensitive}; {told}.", groups, ""
    else:
        yield "Fairness", "settings.toml names no feature that tells groups of people apart (sensitive).", [], ""
    shown = [(name, f"{value:.4f}") for name, value in list(found.explanations.items())[:_SHOWN]]
    what = f"Mean absolute SHAP value over {quality.explained_rows} rows, in units of the prediction."
    if shown:
        yield "What it goes by", what, [("feature", "mean |SHAP|"), *shown], "explanations.png"


def _row(metrics: Mapping[str, float], names: Iterable[str]) -> list[str]:
    return [_told(metrics.get(name)) for name in names]


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _markdown(sections: Iterable[Section], settings: Settings) -> str:
    """Return the model card: what the model is for, who answers for it, and what was found."""
    lines = ["# Model card", "", f"{PURPOSE}. {OWNER} answers for it.", ""]
    used = ", ".join(f"{name} {value:g}" for name, value in settings.parameters.items())
    lines += [f"It predicts {', '.join(settings.data.labels)}; parameters by default: {used}.", ""]
    for title, text, table, plot in sections:
        lines += [f"## {title}", "", *([text, ""] if text else [])]
        if table:
            head, *rest = ("| " + " | ".join(row) + " |" for row in table)
            lines += [head, "|" + " --- |" * len(table[0]), *rest, ""]
        lines += [f"![{title}]({plot})", ""] if plot else []
    return "\n".join(lines)


def _html(folder: Path, sections: Iterable[Section]) -> str:
    parts = [f"<h1>{html.escape(PURPOSE)}</h1>"]
    for title, text, table, plot in sections:
        parts += [f"<h2>{html.escape(title)}</h2>", f"<p>{html.escape(text)}</p>"]
        rows = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in table]
        parts.append(f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>" if rows else "")
        if plot:
            image = base64.b64encode((folder / plot).read_bytes()).decode()
            parts.append(f'<img alt="{html.escape(title)}" src="data:image/png;base64,{image}">')
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Report</title><style>{_STYLE}</style>'
    return head + "\n".join(parts) + "</html>\n"


def _plot(path: Path, draw: Draw) -> None:
    """Draw without a screen; the file holds no date, so that the same model gives the same bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure.add_subplot())
    figure.savefig(path, dpi=110, metadata={"Software": None})


def _quality(axes: "Axes", settings: Settings, labels: Numbers, given: Answers) -> None:
    """Draw a confusion matrix of classes, or what was predicted over what was true."""
    if settings.quality.classifies:
        classes = np.unique(np.concatenate([labels, given.predictions]))
        counts = np.array([[np.sum((labels == a) & (given.predictions == b)) for b in classes] for a in classes])
        axes.imshow(counts, cmap="Blues")
        for (row, column), count in np.ndenumerate(counts):
            axes.text(column, row, str(count), ha="center", va="center")
        axes.set(xticks=range(len(classes)), yticks=range(len(classes)), xlabel="predicted", ylabel="true")
        return
    true, said = labels.ravel(), given.predictions.ravel()
    axes.scatter(true, said, s=8, alpha=0.5)
    axes.plot([true.min(), true.max()], [true.min(), true.max()], color="grey")
    axes.set(xlabel="true", ylabel="predicted")


def _explanations(axes: "Axes", values: Mapping[str, float]) -> None:
    shown = list(values.items())[:_SHOWN][::-1]
    axes.barh([name for name, _ in shown], [value for _, value in shown])
    axes.set(xlabel="mean |SHAP|")

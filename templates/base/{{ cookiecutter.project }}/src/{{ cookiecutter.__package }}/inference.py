"""What the endpoint runs: SageMaker's four handlers. Of this package only `model.py` travels with it."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from {{ cookiecutter.__package }} import model as files


def model_fn(model_dir: str) -> Any:
    """Load the model from the folder that SageMaker unpacked `model.tar.gz` into."""
    return files.load(Path(model_dir))


def input_fn(body: str | bytes, content_type: str) -> npt.NDArray[np.float64]:
    """Read a request: CSV without a header, or JSON, `{"instances": [[...], ...]}` or the list alone.

    Returns:
        The features, shape (rows, columns).

    Raises:
        ValueError: the content type isn't one of the two, or the body isn't a table of numbers.
    """
    text = body.decode("utf-8") if isinstance(body, bytes) else body
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/csv":
        return np.loadtxt(io.StringIO(text), delimiter=",", ndmin=2, dtype=np.float64)
    if kind == "application/json":
        parsed = json.loads(text)
        rows = parsed["instances"] if isinstance(parsed, dict) else parsed
        return np.atleast_2d(np.asarray(rows, dtype=np.float64))
    raise ValueError(f"content type {content_type} is not text/csv or application/json")


def predict_fn(features: npt.NDArray[np.float64], model: Any) -> dict[str, list[Any]]:
    """Return each row's prediction, and its probabilities where classes are predicted."""
    return files.answer(features, model)


def output_fn(prediction: dict[str, list[Any]], accept: str) -> str:
    """Write an answer: JSON, or CSV with a row's prediction (and probabilities) on each line.

    Raises:
        ValueError: neither is accepted.
    """
    for kind in (part.partition(";")[0].strip().lower() for part in accept.split(",")):
        if kind in ("application/json", "*/*", ""):
            return json.dumps(prediction)
        if kind == "text/csv":
            columns = [np.asarray(values).reshape(len(values), -1).tolist() for values in prediction.values()]
            rows = ([value for part in parts for value in part] for parts in zip(*columns, strict=True))
            return "".join(",".join(map(str, row)) + "\n" for row in rows)
    raise ValueError(f"{accept} is not application/json or text/csv")

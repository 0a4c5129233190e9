"""What the endpoint runs: SageMaker's four handlers. It imports nothing of this package; it travels with the model."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from skops import io as skops_io

# Types beyond scikit-learn's own that a model file may hold. A file with any other is refused, never loaded.
TRUSTED_TYPES: list[str] = []


def model_fn(model_dir: str) -> Any:
    """Load the model from the folder that SageMaker unpacked `model.tar.gz` into.

    Raises:
        skops.io.exceptions.UntrustedTypesFoundException: the file holds a type that isn't trusted.
    """
    return skops_io.load(Path(model_dir) / "model.skops", trusted=TRUSTED_TYPES)


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
    """Return each row's label and the probability that it is 1."""
    probabilities = model.predict_proba(features)[:, 1]
    return {"predictions": model.predict(features).tolist(), "probabilities": probabilities.tolist()}


def output_fn(prediction: dict[str, list[Any]], accept: str) -> str:
    """Write an answer: JSON, or CSV with a row's label and probability on each line.

    Raises:
        ValueError: neither is accepted.
    """
    for kind in (part.partition(";")[0].strip().lower() for part in accept.split(",")):
        if kind in ("application/json", "*/*", ""):
            return json.dumps(prediction)
        if kind == "text/csv":
            pairs = zip(prediction["predictions"], prediction["probabilities"], strict=True)
            return "".join(f"{label},{probability}\n" for label, probability in pairs)
    raise ValueError(f"{accept} is not application/json or text/csv")

"""The handlers of a model's `code/inference.py`, and what stands in for those it has not."""

import importlib
import importlib.util
import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

Content = bytes | Iterator[bytes]
Transform = Callable[[Any, bytes, str, str], tuple[Content, str]]
CSV, JSON, NPY = "text/csv", "application/json", "application/x-npy"


class Unsupported(Exception):  # noqa: N818  # it is the request that isn't supported
    """A content type that the handlers don't read or write.

    Args:
        message: what is wrong.
        status: 415 for a request, 406 for an answer.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class HandlerError(Exception):
    """The model's code lacks what a model needs."""


@dataclass(frozen=True)
class Handlers:
    """The code of one model.

    Args:
        model_fn: loads the model from its folder.
        transform: turns model, body, content type and wanted type into body, or its parts, and type.
    """

    model_fn: Callable[[str], Any]
    transform: Transform


def load(model_dir: Path, program: str) -> Handlers:
    """Import a model's code.

    Args:
        model_dir: where `model.tar.gz` was extracted.
        program: its file, below `code`.

    Raises:
        HandlerError: there is no such file, or it has no `model_fn`.
    """
    path = model_dir / "code" / program
    if not path.is_file():
        raise HandlerError(f"the model has no code/{program}; put it into model.tar.gz, with a model_fn in it")
    sys.path.insert(0, str(path.parent))
    specification = importlib.util.spec_from_file_location(path.stem, path)
    if specification is None or specification.loader is None:
        raise HandlerError(f"code/{program} is no Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    specification.loader.exec_module(module)
    if not hasattr(module, "model_fn"):
        raise HandlerError(f"code/{program} has no model_fn(model_dir)")
    return Handlers(module.model_fn, _transform(module))


def decode(body: bytes, content_type: str) -> Any:
    """Read a request's body as the containers' default `input_fn` does: an array.

    Raises:
        Unsupported: the content type is another.
    """
    numpy: Any = importlib.import_module("numpy")
    kind = content_type.split(";")[0].strip()
    if kind == CSV:
        return numpy.genfromtxt(io.StringIO(body.decode()), dtype=numpy.float32, delimiter=",", ndmin=2)
    if kind == JSON:
        return numpy.array(json.loads(body))
    if kind == NPY:
        return numpy.load(io.BytesIO(body), allow_pickle=False)
    raise Unsupported(f"Content type {kind} is not supported by this framework; it reads {CSV}, {JSON}, {NPY}", 415)


def encode(prediction: Any, accept: str) -> bytes:
    """Write a prediction as the containers' default `output_fn` does.

    Raises:
        Unsupported: the wanted type is another.
    """
    numpy: Any = importlib.import_module("numpy")
    file = io.BytesIO()
    if accept == JSON:
        plain = prediction.tolist() if hasattr(prediction, "tolist") else prediction
        return json.dumps(plain, default=lambda value: value.tolist()).encode()
    if accept == CSV:
        numpy.savetxt(file, numpy.atleast_1d(prediction), delimiter=",", fmt="%s")
        return file.getvalue()
    if accept == NPY:
        numpy.save(file, numpy.asarray(prediction), allow_pickle=False)
        return file.getvalue()
    raise Unsupported(f"Accept type {accept} is not supported by this framework; it writes {CSV}, {JSON}, {NPY}", 406)


def _transform(module: ModuleType) -> Transform:
    own = getattr(module, "transform_fn", None)
    read = getattr(module, "input_fn", decode)
    predict = getattr(module, "predict_fn", lambda data, model: model.predict(data))
    write = getattr(module, "output_fn", encode)

    def transform(model: Any, body: bytes, content_type: str, accept: str) -> tuple[Content, str]:
        given: Any = body.decode() if content_type.startswith(("text/", JSON)) else body
        if own:
            return _answer(own(model, given, content_type, accept), accept)
        data = read(body if read is decode else given, content_type)
        return _answer(write(predict(data, model), accept), accept)

    return transform


def _answer(result: Any, accept: str) -> tuple[Content, str]:
    """Return body and type from what a handler gives: a body, its parts, a pair, or the containers' Response."""
    if hasattr(result, "response") and hasattr(result, "mimetype"):
        body, kind = result.response, result.mimetype
    elif isinstance(result, tuple):
        body, kind = result[0], result[1]
    else:
        body, kind = result, accept
    if isinstance(body, Iterator):
        return (part.encode() if isinstance(part, str) else bytes(part) for part in body), str(kind)
    if isinstance(body, (list, tuple)) and all(isinstance(part, (bytes, str)) for part in body):
        body = b"".join(part.encode() if isinstance(part, str) else part for part in body)
    if not isinstance(body, (bytes, bytearray)):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    return bytes(body), str(kind)

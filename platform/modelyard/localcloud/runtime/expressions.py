"""Metric math, and the rules of composite alarms.

Source: the CloudWatch user guide, "Using math expressions with CloudWatch metrics" and "Create a composite alarm".
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARED: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_REDUCED: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "MIN": min,
    "MAX": max,
    "AVG": lambda values: sum(values) / len(values),
    "ABS": lambda values: abs(values[0]),
}
_RULE = re.compile(r"""(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^)"'\s]+))\s*\)""")


def value(text: str, known: Mapping[str, float | None], expressions: Mapping[str, str]) -> float | None:
    """Return the value of an expression; None if it needs a metric without data.

    Args:
        text: such as `100 * errors / IF(calls > 0, calls, 1)`.
        known: the metrics by their ids.
        expressions: the other expressions by their ids.

    Raises:
        ValueError: it uses what is not known here.
    """
    try:
        tree = ast.parse(_python(text), mode="eval").body
        return _Evaluator(known, expressions).of(tree)
    except _NoDataError:
        return None
    except ZeroDivisionError:
        return None  # CloudWatch leaves such a data point out
    except (SyntaxError, RecursionError) as error:
        raise ValueError(f"the expression {text!r} can't be read") from error


def rule(text: str, states: Mapping[str, str]) -> bool:
    """Tell whether a composite alarm's rule holds.

    Args:
        text: such as `ALARM("a") AND NOT OK(b)`; an alarm may be named by its ARN.
        states: the alarms' states by name.

    Raises:
        ValueError: it is no rule.
    """

    def state(match: re.Match[str]) -> str:
        name = next(group for group in match.groups()[1:] if group)
        name = name.rpartition(":alarm:")[2]
        return str(states.get(name, "INSUFFICIENT_DATA") == match[1])

    plain = _RULE.sub(state, text)
    for word in ("AND", "OR", "NOT"):
        plain = re.sub(rf"\b{word}\b", word.lower(), plain)
    plain = re.sub(r"\bTRUE\b", "True", re.sub(r"\bFALSE\b", "False", plain))
    try:
        return _truth(ast.parse(plain.strip(), mode="eval").body)
    except SyntaxError as error:
        raise ValueError(f"the rule {text!r} can't be read") from error


class _NoDataError(Exception):
    """A metric has no data."""


class _Evaluator:
    def __init__(self, known: Mapping[str, float | None], expressions: Mapping[str, str]) -> None:
        self._known = known
        self._expressions = expressions

    def of(self, node: ast.expr) -> float:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return float(node.value)
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.BinOp):
            return _BINARY[type(node.op)](self.of(node.left), self.of(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self.of(node.operand)
        if isinstance(node, ast.Compare):
            return float(_COMPARED[type(node.ops[0])](self.of(node.left), self.of(node.comparators[0])))
        if isinstance(node, ast.BoolOp):
            parts = [bool(self.of(part)) for part in node.values]
            return float(all(parts) if isinstance(node.op, ast.And) else any(parts))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node.func.id, node.args)
        raise ValueError(f"{ast.unparse(node)} is not known here")

    def _name(self, name: str) -> float:
        if name in self._expressions:
            found = value(self._expressions[name], self._known, self._expressions)
        elif name in self._known:
            found = self._known[name]
        else:
            raise ValueError(f"there is no metric {name}")
        if found is None:
            raise _NoDataError
        return found

    def _call(self, name: str, arguments: list[ast.expr]) -> float:
        if name == "IF":
            chosen = arguments[1] if self.of(arguments[0]) else arguments[2]
            return self.of(chosen)
        if name == "FILL":
            try:
                return self.of(arguments[0])
            except _NoDataError:
                return self.of(arguments[1])
        if name in _REDUCED:
            items: list[Any] = [part for it in arguments for part in (it.elts if isinstance(it, ast.List) else [it])]
            return float(_REDUCED[name]([self.of(item) for item in items]))
        raise ValueError(f"the function {name} is not known here")


def _python(text: str) -> str:
    """Write CloudWatch's operators as Python's."""
    plain = text.replace("^", "**").replace("&&", " and ").replace("||", " or ")
    plain = re.sub(r"\bAND\b", "and", re.sub(r"\bOR\b", "or", plain))
    return re.sub(r"(?<![<>=!])=(?!=)", "==", plain).strip()


def _truth(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _truth(node.operand)
    if isinstance(node, ast.BoolOp):
        parts = [_truth(part) for part in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    raise ValueError(f"{ast.unparse(node)} is no part of a rule")

"""README's table of settings, generated from their schema."""

from collections.abc import Iterable

from pydantic import BaseModel

from modelyard.settings.schema import Row, document, rows

BEGIN = "<!-- settings: written by `poe reference` -->"
END = "<!-- end of settings -->"
_HEAD = "| Setting | Default | Values | Meaning |\n| --- | --- | --- | --- |\n"
_LONGEST_DEFAULT = 40


def table(kind: type[BaseModel]) -> str:
    """Write the table of all settings of a file.

    Args:
        kind: the model of the document.
    """
    return _HEAD + "".join(_line(row) for row in rows(document(kind, "")))


def placed(page: str, text: str) -> str:
    """Put a text between the two marks of a page.

    Raises:
        ValueError: the page has not got them.
    """
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there is no {BEGIN} and {END}")
    return f"{head}{BEGIN}\n{text}{END}{tail}"


def _line(row: Row) -> str:
    default = row.default if len(row.default) <= _LONGEST_DEFAULT else "see `settings show`"
    shown = default if not default or default == "required" or default.startswith("see ") else f"`{default}`"
    return "| " + " | ".join(_cells((f"`{row.path}`", shown, row.values, row.meaning))) + " |\n"


def _cells(texts: Iterable[str]) -> Iterable[str]:
    return (text.replace("|", "\\|").replace("\n", " ") for text in texts)

"""Asks on the terminal what a template wants to know."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modelyard.errors import TemplateError
from modelyard.scaffold import Question

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

Asked = Callable[[Mapping[str, str]], Sequence[Question]]
Check = Callable[[Mapping[str, str]], None]


def ask(
    questions: Asked,
    check: Check,
    given: Mapping[str, str],
    *,
    read: "Input | None" = None,
    write: "Output | None" = None,
) -> dict[str, str]:
    """Ask for every answer that was not given; what is typed is checked while it is typed.

    Args:
        questions: returns what is not answered yet; an answer may change what is offered for the next.
        check: refuses an answer that isn't valid.
        given: answers that are there.
        read: where keys come from; the terminal unless told.
        write: where questions go; the terminal unless told.

    Returns:
        All answers.

    Raises:
        KeyboardInterrupt: the user stopped it.
    """
    answers, streams = dict(given), {"input": read, "output": write}
    while asked := questions(answers):
        question = asked[0]
        answers[question.name] = _one(question, check, streams)
    return answers


def _one(question: Question, check: Check, streams: Mapping[str, Any]) -> str:
    import questionary

    known = {name: stream for name, stream in streams.items() if stream is not None}
    if len(question.choices) == 1:
        return question.choices[0]
    if question.choices:
        choices = list(question.choices)
        return str(questionary.select(question.text, choices, default=question.default, **known).unsafe_ask())

    def valid(text: str) -> bool | str:
        try:
            check({question.name: text})
        except TemplateError as error:
            return f"{error}: {error.hint}"
        return True

    return str(questionary.text(question.text, default=question.default, validate=valid, **known).unsafe_ask())

"""What a buildspec says, and the shell script that one of its phases is.

Source: the AWS CodeBuild user guide, "Build specification reference for CodeBuild", version 0.2: all commands share one
shell, the first that fails ends its phase, and `post_build` runs after a `build` that failed, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
_VERSIONS = ("0.1", "0.2")


class BuildspecError(Exception):
    """A buildspec can't be read; the message says why."""


@dataclass(frozen=True)
class Buildspec:
    """One buildspec.

    Args:
        phases: the commands of each phase that has some, in the order of phases.
        finally_: what each phase does at its end, however it ended.
        variables: environment variables.
    """

    phases: Mapping[str, tuple[str, ...]]
    finally_: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


def read(text: str) -> Buildspec:
    """Read a buildspec.

    Raises:
        BuildspecError: it is none.
    """
    try:
        document: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BuildspecError(f"YAML_FILE_ERROR: {error}") from error
    if not isinstance(document, Mapping) or str(document.get("version")) not in _VERSIONS:
        raise BuildspecError("YAML_FILE_ERROR: This build spec has no version of 0.2")
    phases = document.get("phases")
    if not isinstance(phases, Mapping) or not phases.keys() <= set(PHASES):
        raise BuildspecError(f"YAML_FILE_ERROR: phases must be some of {', '.join(PHASES)}")
    variables = (document.get("env") or {}).get("variables") or {}
    return Buildspec(
        {name: _commands(phases[name], "commands") for name in PHASES if phases.get(name)},
        {name: _commands(phases[name], "finally") for name in PHASES if phases.get(name)},
        {str(name): str(value) for name, value in variables.items()},
    )


def _commands(phase: Any, word: str) -> tuple[str, ...]:
    commands = phase.get(word) or [] if isinstance(phase, Mapping) else None
    if not isinstance(commands, list) or not all(isinstance(it, str) for it in commands):
        raise BuildspecError(f"YAML_FILE_ERROR: {word} of a phase must be a list of texts")
    return tuple(commands)


def script(spec: Buildspec, phase: str) -> str:
    """Return a phase as a script for bash: variables and folder are those that the phase before left.

    It is run with the file that keeps them as its one argument.
    """
    lines = ['kept="$1" succeeding="$CODEBUILD_BUILD_SUCCEEDING"', '[ -f "$kept" ] && . "$kept"']
    lines += ['export CODEBUILD_BUILD_SUCCEEDING="$succeeding"', "leave() {", "  code=$?"]
    lines += [f"  {{\n{command}\n  }}" for command in spec.finally_.get(phase, ())]
    lines += ['  { export -p; printf "cd %q\\n" "$PWD"; } > "$kept"', "  exit $code", "}", "trap leave EXIT"]
    for command in spec.phases.get(phase, ()):
        lines += [command, 'code=$?; [ "$code" -eq 0 ] || exit "$code"']
    return "\n".join(lines) + "\n"

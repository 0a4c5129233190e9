"""A stack's configuration: the project's defaults, the stack's own file, and what the caller adds.

Source: Pulumi's documentation of `Pulumi.yaml` and `Pulumi.<stack>.yaml`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from modelyard import wire
from modelyard.engine.base import Deployment
from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.errors import SettingsError


@dataclass(frozen=True)
class StackConfig:
    """What a program is configured with.

    Args:
        main: the program's file, from its folder.
        values: configuration by `namespace:key`, as text or JSON.
        secret_keys: the keys whose values are secret.
        python: what runs it, if it has a virtual environment of its own.
    """

    main: str
    values: Mapping[str, str]
    secret_keys: frozenset[str]
    python: Path | None = None


def project_name(program: Path) -> str:
    """Read a project's name.

    Raises:
        SettingsError: the folder holds no valid Pulumi.yaml.
    """
    return str(_project(program)["name"])


def virtual_environment(program: Path) -> Path | None:
    """Return the Python of the virtual environment that a project names; none if it names none.

    Raises:
        SettingsError: Pulumi.yaml is not valid.
    """
    runtime = _project(program)["runtime"]
    options = (runtime.get("options") or {}) if isinstance(runtime, dict) else {}
    named = options.get("virtualenv")
    return program / str(named) / "bin" / "python" if named else None


def load(deployment: Deployment) -> StackConfig:
    """Read a stack's configuration.

    Raises:
        SettingsError: a file is not valid.
        StateError: a secret can't be decrypted.
    """
    project = _project(deployment.program)
    values: dict[str, str] = {}
    secret: set[str] = set()
    for key, value in (project.get("config") or {}).items():
        default = value.get("value", value.get("default")) if isinstance(value, dict) else value
        if default is not None:
            values[_qualified(key, deployment.project)] = _text(default)
    own = _yaml(deployment.program / f"Pulumi.{deployment.stack}.yaml", missing_ok=True)
    crypter = PassphraseCrypter(deployment.state, str(own.get("encryptionsalt") or ""))
    for key, value in (own.get("config") or {}).items():
        name = _qualified(key, deployment.project)
        values[name], is_secret = _decrypted(value, crypter)
        secret |= {name} if is_secret else set()
    values |= deployment.config
    return StackConfig(
        _main(project, deployment.program), values, frozenset(secret), virtual_environment(deployment.program)
    )


def _project(program: Path) -> dict[str, Any]:
    path = program / "Pulumi.yaml"
    project = _yaml(path)
    if not isinstance(project.get("name"), str):
        raise SettingsError(f"{path}: there is no name", hint="add a line such as 'name: platform'")
    runtime = project.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if language != "python":
        raise SettingsError(f"{path}: the runtime is {language}, not python", hint="run this program with 'pulumi up'")
    return project


def _main(project: Mapping[str, Any], program: Path) -> str:
    main = str(project.get("main") or ".")
    return f"{main.rstrip('/')}/__main__.py" if (program / main).is_dir() else main


def _yaml(path: Path, *, missing_ok: bool = False) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if missing_ok:
            return {}
        raise SettingsError(f"there is no {path}", hint="go to a folder with a Pulumi program") from None
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} can't be read: {error}", hint="mend the file and try again") from error
    if document is not None and not isinstance(document, dict):
        raise SettingsError(f"{path} is no mapping of keys to values", hint="mend the file and try again")
    return document or {}


def _decrypted(value: Any, crypter: PassphraseCrypter) -> tuple[str, bool]:
    if isinstance(value, dict) and set(value) == {"secure"}:
        return crypter.decrypt(value["secure"]), True
    revealed = wire.walk(value, lambda part: _reveal(part, crypter))
    return _text(revealed), revealed != value


def _reveal(part: Any, crypter: PassphraseCrypter) -> Any:
    if isinstance(part, dict) and set(part) == {"secure"}:
        return crypter.decrypt(part["secure"])
    return part


def _qualified(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _text(value: Any) -> str:
    plain = _dates_as_text(value)
    return plain if isinstance(plain, str) else json.dumps(plain, default=str)


def _dates_as_text(value: Any) -> Any:
    return wire.walk(value, lambda part: _date_as_text(part) if isinstance(part, date) else part)


def _date_as_text(value: date) -> str:
    """Write a date that is not in quotes as Go's `time.Time.String` does, which is what the Pulumi CLI gives."""
    moment = value if isinstance(value, datetime) else datetime(*value.timetuple()[:6], tzinfo=UTC)
    zone = f"{moment:%z}" or "+0000"
    fraction = f".{moment.microsecond:06}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} {zone} {'UTC' if zone == '+0000' else zone}"

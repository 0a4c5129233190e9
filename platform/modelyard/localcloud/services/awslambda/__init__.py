"""Lambda: configuration that moto forgets, and functions that really run, in a subprocess instead of Docker."""

from typing import TYPE_CHECKING, Any

from moto.awslambda.models import LambdaFunction

from modelyard.localcloud.runtime.functions import Functions

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

_UPDATABLE = {
    "EphemeralStorage": "ephemeral_storage",
    "KMSKeyArn": "kms_key_arn",
    "TracingConfig": "tracing_config",
}
# Kept whole and given back; moto has no place for them.
_EXTRA = ("DeadLetterConfig", "FileSystemConfigs", "LoggingConfig", "SnapStart")
_moto_starts = LambdaFunction.__init__
_moto_updates = LambdaFunction.update_configuration
_moto_describes = LambdaFunction.get_configuration


def install(cloud: "LocalCloud") -> None:
    """Put our parts of a function in the place of moto's."""
    functions = Functions(cloud.host)

    def invoke(function: Any, event: Any = None) -> tuple[str, bool, str]:
        return functions.invoke(_described(function), event)

    kind: Any = LambdaFunction
    kind.__init__ = _start
    kind.update_configuration = _update
    kind.get_configuration = _describe
    kind._invoke_lambda = invoke


def _start(function: Any, account_id: str, spec: dict[str, Any], region: str, version: Any = 1) -> None:
    _moto_starts(function, account_id, spec, region, version)
    function.extra = {name: spec[name] for name in _EXTRA if spec.get(name)}


def _update(function: Any, changes: dict[str, Any]) -> dict[str, Any]:
    for name, attribute in _UPDATABLE.items():
        if name in changes:
            value = changes[name]
            setattr(function, attribute, value["Size"] if name == "EphemeralStorage" else value)
    function.extra = {**function.extra, **{name: changes[name] for name in _EXTRA if name in changes}}
    return _moto_updates(function, changes)


def _describe(function: Any, on_create: bool = False) -> dict[str, Any]:
    return {
        **_moto_describes(function, on_create),
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": function.logs_group_name},
        **getattr(function, "extra", {}),
    }


def _described(function: Any) -> dict[str, Any]:
    """Return what a run needs to know of a function."""
    return {
        "name": function.function_name,
        "region": function.region,
        "handler": function.handler or "",
        "runtime": function.run_time or "",
        "timeout": int(function.timeout),
        "memory": int(function.memory_size),
        "variables": dict(function.environment_vars or {}),
        "code": function.code_bytes,
        "log_group": function.logs_group_name,
    }

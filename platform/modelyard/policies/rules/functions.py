"""Functions: private, and without addresses that anybody may call."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.policies.plan import Plan, Planned
from modelyard.policies.rule import Found, rule

_SECRETIVE = ("password", "secret", "token", "api_key", "apikey", "access_key", "private_key")


@rule(
    "function-no-public-url",
    title="Functions have no address without authentication",
    reason="anybody may call it, as often as they like, at our cost",
    mend="set authorization_type to AWS_IAM",
)
def public_url(plan: Plan) -> Found:
    """Find function URLs that ask for nothing."""
    for it in plan.of("aws:lambda/functionUrl:FunctionUrl"):
        if it.text("authorizationType") == "NONE":
            yield it, "anybody may call it"


@rule(
    "no-secret-in-environment",
    title="Secrets are not environment variables",
    reason="who may describe a function or a model reads its environment",
    mend="keep it in Secrets Manager, and give the resource the secret's ARN",
)
def secret_variables(plan: Plan) -> Found:
    """Find variables of functions and containers that are called like secrets and hold no ARN or name of one."""
    for it, variables in _variables(plan):
        if word := _secret(variables):
            yield it, f"its variable {word} looks like a secret"


def _variables(plan: Plan) -> Iterator[tuple[Planned, object]]:
    for it in plan.of("aws:lambda/function:Function"):
        yield from ((it, block.get("variables")) for block in it.items("environment"))
    for it in plan.of("aws:codebuild/project:Project"):
        yield from ((it, _plain(block)) for block in it.items("environment"))
    for it in plan.of("aws:sagemaker/model:Model"):
        containers = (*it.items("primaryContainer"), *it.items("containers"))
        yield from ((it, block.get("environment")) for block in containers)


def _plain(environment: Mapping[str, Any]) -> dict[str, Any]:
    """Return a build's variables that hold their value; others name a secret or a parameter."""
    variables = environment.get("environmentVariables") or ()
    held = (it for it in variables if isinstance(it, Mapping) and it.get("type") in (None, "PLAINTEXT"))
    return {str(it.get("name")): it.get("value") for it in held}


def _secret(variables: object) -> str:
    for name, value in variables.items() if isinstance(variables, Mapping) else ():
        named = any(word in name.lower() for word in _SECRETIVE)
        if named and not name.lower().endswith(("_arn", "_name", "_id")) and not str(value).startswith("arn:"):
            return str(name)
    return ""

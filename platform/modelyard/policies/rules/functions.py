"""Functions: private, and without addresses that anybody may call."""

from collections.abc import Mapping

from modelyard.policies.plan import Plan
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
    for it in plan.of("aws:lambda/function:Function"):
        for block in it.items("environment"):
            if word := _secret(block.get("variables")):
                yield it, f"its variable {word} looks like a secret"
    for it in plan.of("aws:sagemaker/model:Model"):
        for block in (*it.items("primaryContainer"), *it.items("containers")):
            if word := _secret(block.get("environment")):
                yield it, f"its variable {word} looks like a secret"


def _secret(variables: object) -> str:
    for name, value in variables.items() if isinstance(variables, Mapping) else ():
        named = any(word in name.lower() for word in _SECRETIVE)
        if named and not name.lower().endswith(("_arn", "_name", "_id")) and not str(value).startswith("arn:"):
            return str(name)
    return ""

"""A build project through its whole life in our own local cloud."""

from typing import Any

import pytest

from modelyard.localcloud.provider.errors import ProviderError

TOKEN = "aws:codebuild/project:Project"
ROLE_ARN = "arn:aws:iam::123456789012:role/builder"
SPEC = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo hello\n"


def given(**more: Any) -> dict[str, Any]:
    """Return a project without a source."""
    environment = {
        "type": "ARM_CONTAINER",
        "computeType": "BUILD_GENERAL1_SMALL",
        "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
        "environmentVariables": [{"name": "A", "value": "1"}],
    }
    return {
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": environment,
        "serviceRole": ROLE_ARN,
        "source": {"type": "NO_SOURCE", "buildspec": SPEC},
        **more,
    }


def test_life(local_life: Any):
    logs = {"cloudwatchLogs": {"groupName": "/aws/codebuild/mine", "status": "ENABLED"}}
    made = given(description="of a test", tags={"a": "1"}, concurrentBuildLimit=1, logsConfig=logs)
    changed = {
        "buildTimeout": 30,
        "source": {"type": "NO_SOURCE", "buildspec": f"{SPEC}      - ls\n"},
        "tags": {"b": "2"},
    }
    local_life(TOKEN, lambda world: made, changed, {"name": "another"})


def test_a_limit_that_is_left_out_goes(local_world: Any):
    full = local_world.checked(TOKEN, given(name="mine", concurrentBuildLimit=1))
    made, state = local_world.create(TOKEN, full)
    plain = local_world.checked(TOKEN, given(name="mine"), olds=full)
    state = local_world.update(TOKEN, made, state, full, plain)
    assert "concurrentBuildLimit" not in state
    local_world.delete(TOKEN, made, state)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"serviceRole": "arn:aws:iam::999999999999:role/x"}, "Service role account ID does not match"),
        ({"source": {"type": "NO_SOURCE"}}, "buildspec is required"),
        ({"name": "-a"}, "is invalid"),
    ],
)
def test_what_aws_refuses(local_world: Any, wrong: dict[str, Any], said: str):
    with pytest.raises(ProviderError, match=said):
        local_world.make(TOKEN, given(**wrong))


def test_it_is_never_made_twice_and_imported_by_its_name(local_world: Any):
    made, state = local_world.make(TOKEN, given(name="mine"))
    with pytest.raises(ProviderError, match="Project already exists"):
        local_world.make(TOKEN, given(name="mine"))
    response = local_world.read(TOKEN, "mine", {})
    assert (response.id, made) == (made, state["arn"])

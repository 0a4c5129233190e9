"""Which ways of serving and of rolling out go together: what AWS documents, as data.

Sources, all in SageMaker's developer guide: "Deployment guardrails" and its "Exclusions"; "Serverless Inference",
"Feature exclusions"; "Shadow tests", "Exclusions"; "Asynchronous inference", "Autoscale an asynchronous endpoint";
"Data and model quality monitoring", its notes. Limits of sizes: `TrafficRoutingConfig` and `RollingUpdatePolicy` in the
API reference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Mode = Literal["realtime", "serverless", "async", "batch", "multi_model"]
Strategy = Literal["all_at_once", "canary", "linear", "rolling", "shadow"]

STEPPED = ("canary", "linear", "rolling")
"""The rollouts that go step by step."""
SIZES = {"canary": (1, 50), "linear": (10, 50), "rolling": (5, 50)}
"""What share of the fleet a step of each may be, in percent."""

_SERVERLESS = "a serverless endpoint has no instances to shift traffic between"
_BATCH = "batch has no endpoint that could be rolled out: the next run takes the newest approved model"

REFUSED: dict[tuple[str, str], str] = {
    **{("serverless", it): f"{_SERVERLESS}, so AWS moves it all at once" for it in STEPPED},
    ("serverless", "shadow"): "AWS has no shadow variants on serverless endpoints",
    ("async", "shadow"): "AWS has no shadow variants on asynchronous endpoints",
    ("multi_model", "shadow"): "AWS has no shadow variants on multi-model endpoints",
    **{("batch", it): _BATCH for it in (*STEPPED, "shadow")},
}
"""The pairs that AWS has not, each with the reason."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a service's settings ask for together.

    Args:
        instances: how many there are behind the endpoint at first.
        provisioned: a serverless endpoint's provisioned concurrency.
        waits: whether a rollout takes its time.
        captures: whether requests and answers are captured.
        monitors: whether anything is monitored.
        least: the least capacity of autoscaling; none without it.
        follows_approval: whether an approval moves the endpoint.
    """

    mode: Mode
    strategy: Strategy
    instances: int = 1
    provisioned: int = 0
    waits: bool = False
    captures: bool = False
    monitors: bool = False
    least: int | None = None
    follows_approval: bool = False


def refusal(wanted: Wanted) -> str:
    """Return why AWS would not have it so, and what to set instead; an empty text if it would."""
    return next((said for check in _CHECKS if (said := check(wanted))), "")


def _pair(it: Wanted) -> str:
    reason = REFUSED.get((it.mode, it.strategy), "")
    return f"rollout.strategy {it.strategy} does not go with serving.mode {it.mode}: {reason}" if reason else ""


def _fleet(it: Wanted) -> str:
    if it.strategy not in STEPPED or it.instances > 1:
        return ""
    return (
        f"a {it.strategy} rollout shifts at most half of the instances at a time, so initial_instance_count has to be "
        "2 or more"
    )


def _serverless_wait(it: Wanted) -> str:
    if not it.waits or it.mode not in ("serverless", "batch"):
        return ""
    return f"rollout.wait_seconds does not go with serving.mode {it.mode}: there are no steps to wait between"


def _capture(it: Wanted) -> str:
    reasons = {
        "serverless": "AWS captures nothing at serverless endpoints",
        "async": "an asynchronous endpoint's requests and answers are objects in S3 already",
        "batch": "batch has no endpoint, and its inputs and outputs are objects in S3 already",
    }
    reason = reasons.get(it.mode) if it.captures else None
    return f"capture_percent does not go with serving.mode {it.mode}: {reason}" if reason else ""


def _monitors(it: Wanted) -> str:
    if not it.monitors:
        return ""
    if it.mode == "multi_model":
        return "monitors compare one model with its baseline; a multi-model endpoint answers with several"
    return "" if it.captures else "monitors read what is captured: set capture_percent, such as to 100"


def _scaling(it: Wanted) -> str:
    if it.least is None:
        return ""
    if it.mode == "batch":
        return "autoscaling is for endpoints, and batch has none"
    if it.mode == "serverless" and not it.provisioned:
        return "autoscaling of a serverless endpoint moves its provisioned concurrency, and that is 0"
    if it.least == 0 and it.mode != "async":
        return "only an asynchronous endpoint scales to zero instances: set autoscaling.min_capacity to 1"
    return ""


def _approval(it: Wanted) -> str:
    if not it.follows_approval or it.mode in ("realtime", "async", "serverless"):
        return ""
    return f"deploy_on_approval moves an endpoint of one model; with serving.mode {it.mode} the next `up` does it"


_CHECKS: tuple[Callable[[Wanted], str], ...] = (
    _pair,
    _serverless_wait,
    _fleet,
    _capture,
    _monitors,
    _scaling,
    _approval,
)

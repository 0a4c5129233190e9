"""Steps that decide: conditions and failures."""

from modelyard.localcloud.runtime.pipelines.conditions import holds
from modelyard.localcloud.runtime.pipelines.steps import Call, Kind, Result, StepError


def _condition(call: Call) -> Result:
    outcome = all(holds(condition) for condition in call.arguments.get("Conditions", []))
    return Result({"Condition": {"Outcome": str(outcome)}}, {"Outcome": str(outcome)}, outcome)


def _fail(call: Call) -> Result:
    message = str(call.arguments.get("ErrorMessage", ""))
    raise StepError(message, {"Fail": {"ErrorMessage": message}})


STEPS: dict[str, Kind] = {"Condition": _condition, "Fail": _fail}

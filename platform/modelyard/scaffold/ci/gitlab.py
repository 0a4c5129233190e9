"""GitLab CI: `.gitlab-ci.yml`."""

from modelyard.scaffold.ci.stages import CHANGE, HEAD, PYTHON, Stage, Trigger

FILE = ".gitlab-ci.yml"

_MERGE_REQUEST = '$CI_PIPELINE_SOURCE == "merge_request_event"'
_OWN = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"
_MAIN = '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'
_NIGHTLY = '$CI_PIPELINE_SOURCE == "schedule"'
_CONDITIONS = {
    CHANGE: (_MERGE_REQUEST, _MAIN),
    (Trigger.REQUEST, Trigger.FORK): (_MERGE_REQUEST,),
    (Trigger.REQUEST,): (f"{_MERGE_REQUEST} && {_OWN}",),
    (Trigger.CLOSED,): (f"{_MERGE_REQUEST} && {_OWN}",),
    (Trigger.NIGHTLY,): (_NIGHTLY,),
    (Trigger.MAIN,): (_MAIN,),
}
_BRANCH_ENVIRONMENT = "branch/$CI_MERGE_REQUEST_IID"


def render(stages: tuple[Stage, ...]) -> str:
    """Write the pipeline."""
    head = "".join(f"# {line}\n" for line in HEAD.splitlines())
    return f"""\
{head}# It needs the variables AWS_ROLE_ARN, one for each environment (branch/*, branches, staging, prod), AWS_REGION,
# PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE and COMMENT_TOKEN (a project token that may write notes); and a schedule.
# GitLab stops an environment when its merge request is merged or closed or its branch deleted: that is branch-down.
workflow:
  rules:
    - if: {_quoted(_MERGE_REQUEST)}
    - if: {_quoted(_MAIN)}
    - if: {_quoted(_NIGHTLY)}

stages: [{", ".join(stage.name for stage in stages if stage.name != "branch-down")}]

default:
  image: python:{PYTHON}-bookworm

.cloud:
  id_tokens:
    OIDC_TOKEN:
      aud: $CI_SERVER_URL
  variables:
    AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/oidc-token
    AWS_ROLE_SESSION_NAME: gitlab-$CI_JOB_ID

{chr(10).join(_job(stage) for stage in stages)}"""


def _job(stage: Stage) -> str:
    closing = Trigger.CLOSED in stage.on
    lines = [f"# {stage.does}.", f"{stage.name}:", f"  stage: {'branch-up' if closing else stage.name}"]
    if stage.environment:
        lines.append("  extends: .cloud")
    lines += ["  rules:", *(line for condition in _CONDITIONS[stage.on] for line in _rule(stage, condition))]
    if stage.after:
        lines += ["  needs:", *(f"    - {{job: {name}, optional: true}}" for name in stage.after)]
    elif not stage.environment or closing:
        lines.append("  needs: []")
    lines += [*_environment(stage), f"  timeout: {stage.minutes} minutes", *_variables(stage), "  script:"]
    tasks = (
        *(("credentials",) if stage.environment else ()),
        *stage.all_tasks,
        *(("comment",) if stage.comments else ()),
    )
    return "\n".join([*lines, *(f"    - make {task}" for task in tasks)]) + "\n"


def _rule(stage: Stage, condition: str) -> list[str]:
    if stage.environment:
        condition = f"$PULUMI_BACKEND_URL && {condition}"
    lines = [f"    - if: {_quoted(condition)}"]
    if stage.approval or Trigger.CLOSED in stage.on:
        lines.append("      when: manual")
    if Trigger.CLOSED in stage.on:
        lines.append("      allow_failure: true")
    return lines


def _environment(stage: Stage) -> list[str]:
    if not stage.environment:
        return []
    name = _BRANCH_ENVIRONMENT if stage.of_branch else stage.environment
    lines = ["  environment:", f"    name: {name}"]
    if stage.of_branch:
        lines.append("    action: stop" if Trigger.CLOSED in stage.on else "    on_stop: branch-down")
    # One at a time for each stack, and never cancelled half way: that would leave a lock and half a stack.
    return [*lines, f"  resource_group: {name}", "  interruptible: false"]


def _variables(stage: Stage) -> list[str]:
    if not stage.of_branch:
        return []
    lines = ["  variables:", "    BRANCH: $CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"]
    if stage.comments:
        lines.append("    PULL_REQUEST: $CI_MERGE_REQUEST_IID")
        lines.append("    PULL_REQUEST_URL: $CI_MERGE_REQUEST_PROJECT_URL/-/merge_requests/$CI_MERGE_REQUEST_IID")
    return lines


def _quoted(text: str) -> str:
    return f"'{text}'"

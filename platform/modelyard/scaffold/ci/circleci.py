"""CircleCI: `.circleci/config.yml`."""

from modelyard.scaffold.ci.stages import HEAD, PYTHON, Stage, Trigger

FILE = ".circleci/config.yml"

_PULL = "pipeline.event.github.pull_request"
_REQUEST = 'pipeline.event.name == "pull_request" and pipeline.event.action != "closed"'
_OWN = f"{_PULL}.head.repo.full_name == {_PULL}.base.repo.full_name"
# The event's name comes first: the values of a pull request are there on its events alone.
_CONDITIONS = {
    Trigger.MAIN: 'pipeline.event.name == "push" and pipeline.git.branch == "main"',
    Trigger.REQUEST: f"{_REQUEST} and {_OWN}",
    Trigger.FORK: f"{_REQUEST} and not ({_OWN})",
    Trigger.CLOSED: f'pipeline.event.name == "pull_request" and pipeline.event.action == "closed" and {_OWN}',
    Trigger.NIGHTLY: 'pipeline.trigger_source == "scheduled_pipeline"',
}
_WORKFLOWS = {
    Trigger.MAIN: "deployment",
    Trigger.REQUEST: "pull-request",
    Trigger.FORK: "fork",
    Trigger.CLOSED: "closed",
    Trigger.NIGHTLY: "nightly",
}


def render(stages: tuple[Stage, ...]) -> str:
    """Write the configuration."""
    head = "".join(f"# {line}\n" for line in HEAD.splitlines())
    return f"""\
{head}# It needs triggers of the GitHub App for pushes to main and for pull requests that are opened, changed or closed,
# a schedule, and contexts modelyard-branches, modelyard-staging and modelyard-prod with AWS_ROLE_ARN, AWS_REGION,
# PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE; in modelyard-branches also COMMENT_TOKEN, which may write comments.
# Forks get no contexts, and so no credentials.
version: 2.1

executors:
  python:
    docker:
      - image: cimg/python:{PYTHON}

jobs:
{chr(10).join(_job(stage) for stage in stages)}
workflows:
{chr(10).join(_workflow(trigger, stages) for trigger in Trigger)}"""


def _job(stage: Stage) -> str:
    lines = [f"  {stage.name}:", f"    description: {stage.does}", "    executor: python"]
    if stage.environment:
        lines += [
            "    environment:",
            "      AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/oidc-token",
            f"      AWS_ROLE_SESSION_NAME: circleci-{stage.name}",
        ]
    if stage.of_branch:
        lines.append(f"      BRANCH: << {_PULL}.head.ref >>")
    if stage.comments:
        lines.append(f"      PULL_REQUEST: << {_PULL}.number >>")
        lines.append(f"      PULL_REQUEST_URL: << {_PULL}.html_url >>")
    lines += ["    steps:", "      - checkout"]
    tasks = (
        *(("credentials",) if stage.environment else ()),
        *stage.all_tasks,
        *(("comment",) if stage.comments else ()),
    )
    for task in tasks:
        lines += ["      - run:", f"          name: {task}", f"          command: make {task}"]
        lines.append(f"          no_output_timeout: {stage.minutes}m")
    return "\n".join(lines) + "\n"


def _workflow(trigger: Trigger, stages: tuple[Stage, ...]) -> str:
    lines = [f"  {_WORKFLOWS[trigger]}:", f"    when: '{_CONDITIONS[trigger]}'", "    jobs:"]
    of_this = [stage for stage in stages if trigger in stage.on]
    names = {stage.name for stage in of_this}
    for stage in of_this:
        needed = [name for name in stage.after if name in names]
        if stage.approval:
            lines += [f"      - approve-{stage.name}:", "          type: approval", *_requires(needed)]
            needed = [f"approve-{stage.name}"]
        options = [*_requires(needed), *_context(stage)]
        lines += [f"      - {stage.name}:", *options] if options else [f"      - {stage.name}"]
    return "\n".join(lines) + "\n"


def _requires(names: list[str]) -> list[str]:
    return [f"          requires: [{', '.join(names)}]"] if names else []


def _context(stage: Stage) -> list[str]:
    """Give a stage its environment's credentials; one run at a time works on an environment's stacks."""
    if not stage.environment:
        return []
    group = "branches" if stage.of_branch or stage.name == "reap" else stage.environment
    return [
        f"          context: [modelyard-{stage.environment}]",
        f"          serial-group: << pipeline.project.slug >>/{group}",
    ]

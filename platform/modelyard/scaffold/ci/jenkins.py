"""Jenkins: a declarative `Jenkinsfile` for a multibranch pipeline."""

from modelyard.scaffold.ci.stages import CHANGE, HEAD, PYTHON, Stage, Trigger

FILE = "Jenkinsfile"

_CLOSED = "params.CLOSED_BRANCH"
_NIGHTLY = "triggeredBy 'TimerTrigger'"
_MAIN = "branch 'main'"
_OWN = "changeRequest(); expression { !env.CHANGE_FORK }"
_DAILY = f"not {{ {_NIGHTLY} }}; expression {{ !{_CLOSED} }}"
_CONDITIONS = {
    CHANGE: f"allOf {{ anyOf {{ {_MAIN}; changeRequest() }}; {_DAILY} }}",
    (Trigger.REQUEST, Trigger.FORK): "changeRequest()",
    (Trigger.REQUEST,): f"allOf {{ {_OWN} }}",
    (Trigger.CLOSED,): f"allOf {{ {_MAIN}; expression {{ {_CLOSED} }} }}",
    (Trigger.NIGHTLY,): f"allOf {{ {_MAIN}; {_NIGHTLY} }}",
    (Trigger.MAIN,): f"allOf {{ {_MAIN}; {_DAILY} }}",
}


def render(stages: tuple[Stage, ...]) -> str:
    """Write the pipeline."""
    head = "".join(f"// {line}\n" for line in HEAD.splitlines())
    return f"""\
{head}// It needs, for each environment (branches, staging, prod), credentials of the plugin oidc-provider as a file,
// modelyard-<environment>-oidc, and a text modelyard-<environment>-role with the role's ARN; texts modelyard-passphrase
// and modelyard-comment-token; and the variables AWS_REGION and PULUMI_BACKEND_URL. Jenkins says nothing when a pull
// request is closed: let a webhook start the main branch's job with CLOSED_BRANCH, or wait for the night.
// An approval that nobody gives within the stage's time ends its run: later ones, of the night too, wait behind it.
// In the multibranch project, take pull requests from forks with the trust "Nobody": their Jenkinsfile does not count.
pipeline {{
    agent none
    options {{
        // One run at a time for each branch, and never cancelled half way: that would leave a lock and half a stack.
        disableConcurrentBuilds()
    }}
    triggers {{
        cron(env.BRANCH_NAME == 'main' ? 'H 3 * * *' : "")
    }}
    parameters {{
        string(name: 'CLOSED_BRANCH', defaultValue: "", description: 'A branch whose stack is to be taken down')
    }}
    stages {{
{chr(10).join(_stage(stage) for stage in stages)}    }}
}}
"""


def _stage(stage: Stage) -> str:
    before = (
        "            beforeAgent true\n                beforeInput true"
        if stage.approval
        else "            beforeAgent true"
    )
    lines = [
        f"        stage('{stage.name}') {{",
        f"            // {stage.does}.",
        "            when {",
        f"    {before}",
        f"                {_condition(stage)}",
        "            }",
    ]
    if stage.approval:
        lines += ["            input {", f"                message 'Deploy to {stage.environment}?'", "            }"]
    lines.append(f"            agent {{ docker {{ image 'python:{PYTHON}-bookworm' }} }}")
    lines.append(f"            options {{ timeout(time: {stage.minutes}, unit: 'MINUTES') }}")
    lines += [*_environment(stage), "            steps {"]
    tasks = (*stage.all_tasks, *(("comment",) if stage.comments else ()))
    lines += [*(f"                sh 'make {task}'" for task in tasks), "            }", "        }"]
    return "\n".join(lines) + "\n"


def _condition(stage: Stage) -> str:
    wanted = _CONDITIONS[stage.on]
    return f"allOf {{ {wanted}; expression {{ env.PULUMI_BACKEND_URL }} }}" if stage.environment else wanted


def _environment(stage: Stage) -> list[str]:
    if not stage.environment:
        return []
    kept = "credentials('modelyard-{}')"
    values = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": kept.format(f"{stage.environment}-oidc"),
        "AWS_ROLE_ARN": kept.format(f"{stage.environment}-role"),
        "PULUMI_CONFIG_PASSPHRASE": kept.format("passphrase"),
    }
    if stage.of_branch:
        values["BRANCH"] = f'"${{{_CLOSED}}}"' if Trigger.CLOSED in stage.on else '"${env.CHANGE_BRANCH}"'
    if stage.comments:
        values["COMMENT_TOKEN"] = kept.format("comment-token")
        values["PULL_REQUEST"] = '"${env.CHANGE_ID}"'
        values["PULL_REQUEST_URL"] = '"${env.CHANGE_URL}"'
    lines = [f"                {name} = {value}" for name, value in values.items()]
    return ["            environment {", *lines, "            }"]

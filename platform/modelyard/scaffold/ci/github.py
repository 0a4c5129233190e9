"""GitHub Actions: `.github/workflows/ci.yaml`."""

from modelyard.scaffold.ci.stages import CHANGE, HEAD, PYTHON, Stage, Trigger

FILE = ".github/workflows/ci.yaml"

# Actions are pinned by commit: a tag can be moved to other code.
_CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
_PYTHON = "actions/setup-python@0b93645e9fea7318ecaed2b359559ac225c90a2b # v5.3.0"
_CREDENTIALS = "aws-actions/configure-aws-credentials@e3dd6a429d7300a6a4c196c26e071d42e0343502 # v4.0.2"

_OPEN = "github.event_name == 'pull_request' && github.event.action != 'closed'"
_OWN = "github.event.pull_request.head.repo.full_name == github.repository"
_CLOSED = (
    "(github.event_name == 'delete' && github.event.ref_type == 'branch')\n"
    "      || (github.event_name == 'pull_request' && github.event.action == 'closed'\n"
    f"      && {_OWN})"
)
_CONDITIONS = {
    CHANGE: f"github.event_name == 'push' || ({_OPEN})",
    (Trigger.REQUEST, Trigger.FORK): _OPEN,
    (Trigger.REQUEST,): f"{_OPEN}\n      && {_OWN}",
    (Trigger.CLOSED,): _CLOSED,
    (Trigger.NIGHTLY,): "github.event_name == 'schedule'",
    (Trigger.MAIN,): "github.event_name == 'push'",
}
_OF_BRANCHES = "branches"
_BRANCH = "${{ github.head_ref || github.event.ref }}"


def render(stages: tuple[Stage, ...]) -> str:
    """Write the workflow."""
    head = "".join(f"# {line}\n" for line in HEAD.splitlines())
    return f"""\
{head}# It needs the variables AWS_REGION and PULUMI_BACKEND_URL, and for each GitHub environment (branches, staging,
# prod) the variable AWS_ROLE_ARN and the secret PULUMI_CONFIG_PASSPHRASE: for branches that of the role for branches'
# stacks, which is refused whatever belongs to an environment. Approval is a protection rule of prod.
name: CI

on:
  push:
    branches: [main]
  pull_request:
    types: [opened, synchronize, reopened, closed]
  # A pull request in conflict gives no event when it is closed; deleting its branch always does.
  delete:
  schedule:
    - cron: "17 3 * * *"

permissions: {{}}

jobs:
{chr(10).join(_job(stage) for stage in stages)}"""


def _job(stage: Stage) -> str:
    lines = [f"  {stage.name}:", f"    name: {stage.does}"]
    if stage.after:
        lines.append(f"    needs: [{', '.join(stage.after)}]")
    lines += ["    if: >-", f"      {_condition(stage)}"]
    lines += ["    runs-on: ubuntu-24.04", f"    timeout-minutes: {stage.minutes}"]
    if stage.environment:
        lines.append(f"    environment: {_environment(stage)}")
    lines += [*_permissions(stage), *_concurrency(stage), *_variables(stage), "    steps:", *_steps(stage)]
    return "\n".join(lines) + "\n"


def _environment(stage: Stage) -> str:
    """Name GitHub's environment: what works on branches' stacks has another role than what deploys."""
    return _OF_BRANCHES if stage.of_branch or stage.name == "reap" else stage.environment


def _condition(stage: Stage) -> str:
    wanted = _CONDITIONS[stage.on]
    return f"vars.PULUMI_BACKEND_URL != '' && ({wanted})" if stage.environment else wanted


def _permissions(stage: Stage) -> list[str]:
    lines = ["    permissions:", "      contents: read"]
    if stage.environment:
        lines.append("      id-token: write")
    if stage.comments:
        lines.append("      pull-requests: write")
    return lines


def _concurrency(stage: Stage) -> list[str]:
    """Let one run at a time work on a stack; one that is cancelled half way would leave a lock and half a stack."""
    if not stage.environment:
        return [
            "    concurrency:",
            f"      group: {stage.name}-${{{{ github.ref }}}}",
            "      cancel-in-progress: true",
        ]
    group = f"branch-{_BRANCH}" if stage.of_branch else stage.name
    return ["    concurrency:", f"      group: {group}", "      cancel-in-progress: false"]


def _variables(stage: Stage) -> list[str]:
    if not stage.environment:
        return []
    lines = [
        "    env:",
        "      PULUMI_BACKEND_URL: ${{ vars.PULUMI_BACKEND_URL }}",
        "      PULUMI_CONFIG_PASSPHRASE: ${{ secrets.PULUMI_CONFIG_PASSPHRASE }}",
    ]
    if stage.of_branch:
        lines.append(f"      BRANCH: {_BRANCH}")
    if stage.comments:
        lines.append("      PULL_REQUEST: ${{ github.event.pull_request.number }}")
        lines.append("      PULL_REQUEST_URL: ${{ github.event.pull_request.html_url }}")
    return lines


def _steps(stage: Stage) -> list[str]:
    lines = [f"      - uses: {_CHECKOUT}", "        with:"]
    if Trigger.NIGHTLY in stage.on:
        lines += ["          # git asks the remote which branches live.", "          persist-credentials: true"]
    else:
        lines.append("          persist-credentials: false")
    if Trigger.CLOSED in stage.on:
        lines.append("          # The branch may be gone; its stack is destroyed from its state.")
        lines.append("          ref: ${{ github.event.repository.default_branch }}")
    lines += [f"      - uses: {_PYTHON}", "        with:", f'          python-version: "{PYTHON}"']
    if stage.environment:
        lines += [
            f"      - uses: {_CREDENTIALS}",
            "        with:",
            "          role-to-assume: ${{ vars.AWS_ROLE_ARN }}",
        ]
        lines.append("          aws-region: ${{ vars.AWS_REGION }}")
    lines += [f"      - run: make {task}" for task in stage.all_tasks]
    if stage.comments:
        lines += ["      - run: make comment", "        env:", "          COMMENT_TOKEN: ${{ github.token }}"]
    return lines

"""Opening the model that the user stands in."""

from modelyard import project as projects
from modelyard.cli import deploy
from modelyard.cli.backends import backend
from modelyard.cli.options import Choices
from modelyard.errors import UsageError
from modelyard.models.deployed import DeployedModel, deployed
from modelyard.previews import branches, records
from modelyard.previews.records import BranchStack
from modelyard.settings.model import ModelSettings
from modelyard.stack_keys import BRANCH_KEY, BRANCH_SETTINGS


def open_model(environment: str, choices: Choices | None = None) -> DeployedModel:
    """Return what the model's stack has deployed.

    Args:
        environment: the environment, or a branch stack's name.
        choices: the command's options; where the state is kept and which cloud it is of.

    Raises:
        UsageError: the user stands in no model repository, or the options don't go together.
        SettingsError: the environment is unknown.
        StateError: the stack has not been deployed.
        CloudError: the local cloud is not running.
    """
    opened = session_of(environment, choices)
    title = f"{opened.project.stacks[0].project}/{environment}"
    target = opened.target(start=False)
    return deployed(backend(opened.state, opened.choices).outputs(title), title, target)


def session_of(environment: str, choices: Choices | None = None) -> deploy.Session:
    """Open a session on an environment of the model, or on one of its branch stacks.

    Raises:
        UsageError: the user stands in no model repository.
        SettingsError: the environment is unknown.
    """
    project = require_model()
    home = projects.home()
    known = {it.stack: it for it in records.branch_stacks(home, project.stacks[0].project)}
    if environment in known:
        return branch_session(known[environment], choices)
    return deploy.session(environment, choices=choices)


def branch_session(branch: str | BranchStack, choices: Choices | None = None) -> deploy.Session:
    """Open a session on a branch's own stack, by the branch's name or by what is known of the stack."""
    if isinstance(branch, str):
        name, config = branches.stack_name(branch), {BRANCH_KEY: branch}
    else:
        name, config = branch.stack, branch.config
    return deploy.session(name, settings_name=BRANCH_SETTINGS, config=config, choices=choices)


def require_model() -> projects.Project:
    """Return the model repository that the user stands in.

    Raises:
        UsageError: the user stands elsewhere.
    """
    project = projects.find()
    if project.kind != "model":
        raise UsageError(
            f"{project.root} is the platform, not a model repository",
            hint="modelyard new sklearn churn && cd churn",
        )
    return project


def platform_of(opened: deploy.Session) -> str:
    """Return the environment of the platform that a model's session stands on.

    Raises:
        UsageError: the session is the platform's own.
    """
    if not isinstance(opened.settings, ModelSettings):
        raise UsageError("this is the platform, not a model repository", hint="cd to a model repository")
    return opened.settings.platform

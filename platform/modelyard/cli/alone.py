"""Plans a model's stack alone: without credentials, state, a platform or a cloud, as for code of somebody else's."""

import tempfile
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from modelyard.cli import deploy
from modelyard.cli.deployment_view import as_json
from modelyard.cli.engines import plugins_of
from modelyard.cli.options import Cloud, EngineName
from modelyard.engine.base import Deployment, Result
from modelyard.errors import UsageError
from modelyard.localcloud import daemon
from modelyard.outputs import SCHEMA_KEY, PlatformOutputs
from modelyard.settings.model import ModelSettings
from modelyard.targets import Target

_ACCOUNT = "123456789012"


def preview(opened: deploy.Session) -> Result:
    """Show what `up` would make of a model's stack on a platform that is only assumed.

    Raises:
        UsageError: it is no model's, or another engine or cloud is asked for.
        DeploymentError: the program fails.
    """
    settings, choices = opened.settings, opened.choices
    if not isinstance(settings, ModelSettings):
        raise UsageError("--alone is for model repositories", hint=f"modelyard preview --env {opened.environment}")
    if choices.engine is not EngineName.EMBEDDED or choices.cloud is not Cloud.LOCAL:
        raise UsageError("--alone plans with the embedded engine and no cloud", hint="modelyard preview --alone")
    with tempfile.TemporaryDirectory(prefix="modelyard-alone-") as folder:
        info = daemon.start(Path(folder) / "cloud")
        try:
            environment = daemon.environment(info, settings.region)
            target = Target(endpoint_url=info.endpoint_url, environment=environment)
            described = _described(opened, target, Path(folder) / "state", settings)
            result = deploy.show("preview", described, lambda engine, it, sink: engine.preview(it, sink), choices)
        finally:
            daemon.stop(Path(folder) / "cloud")
    document = as_json(described.project, opened.environment, result) if choices.json else None
    deploy.finish([result], document)
    return result


def _described(opened: deploy.Session, target: Target, state: Path, settings: ModelSettings) -> Deployment:
    (stack,) = opened.project.stacks
    promised = assumed(settings.platform, settings.region)
    return replace(
        opened.deployment(stack, target),
        state=state,
        backend="",
        plugins=plugins_of(target, pretending=True),
        assumed={f"platform/{settings.platform}": promised},
    )


def assumed(platform: str, region: str) -> Mapping[str, Any]:
    """Return outputs of the right form for a platform that is not there.

    Args:
        platform: the platform's environment.
        region: its region.
    """
    found = {it.name: _assumed(it.name, str(it.type), platform, region) for it in fields(PlatformOutputs)}
    return {**found, SCHEMA_KEY: PlatformOutputs.version}


def _assumed(name: str, kind: str, platform: str, region: str) -> Any:
    if "Mapping" in kind:
        return {}
    if "Sequence" in kind:
        return ["subnet-00000000000000000"]
    plain = f"modelyard-{platform}-{name.replace('_', '-')}"
    forms = {
        "role_arn": f"arn:aws:iam::{_ACCOUNT}:role/{plain}",
        "boundary_arn": f"arn:aws:iam::{_ACCOUNT}:policy/{plain}",
        "topic_arn": f"arn:aws:sns:{region}:{_ACCOUNT}:{plain}",
        "key_arn": f"arn:aws:kms:{region}:{_ACCOUNT}:key/00000000-0000-4000-8000-000000000000",
        "_arn": "",
        "_url": "",
        "security_group_id": "sg-00000000000000000",
    }
    return next((form for end, form in forms.items() if name.endswith(end)), plain)

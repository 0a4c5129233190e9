"""The model's stack: its pipeline, its registry and, once a model is approved, what serves it."""

import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
# The program runs with Pulumi's Python or with modelyard's own; neither need have this repository installed.
sys.path.insert(0, str(SOURCE))

from modelyard.components.model_service.component import ModelService, ModelServiceArgs
from modelyard.components.model_service.wires import PlatformWires
from modelyard.outputs import ModelOutputs, PlatformOutputs
from modelyard.settings.model import ModelSettings
from modelyard.stack import StackContext

from {{ cookiecutter.__package }}.pipeline import definition

stack = StackContext.load(ModelSettings)
platform = PlatformWires.of(stack.require("platform", PlatformOutputs, stack.settings.platform))
code = {"source": SOURCE, "pipeline": definition}
place = {"scope": stack.scope, "account_id": stack.account_id, "platform": platform}
args = ModelServiceArgs(settings=stack.settings.service, **place, **code)
service = ModelService("{{ cookiecutter.project }}", args, stack.options)
stack.export(ModelOutputs(artifact_bucket=platform.artifact_bucket, region=stack.settings.region, **service.promised))

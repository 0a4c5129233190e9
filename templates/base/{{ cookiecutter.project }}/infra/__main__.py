"""The model's stack: its pipeline, its registry and, once a model is approved, its endpoint."""

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
wires = {"scope": stack.scope, "platform": platform, "source": SOURCE, "pipeline": definition}
args = ModelServiceArgs(settings=stack.settings.service, **wires)
service = ModelService("{{ cookiecutter.project }}", args, stack.options)
names = {"pipeline": service.pipeline_name, "model_package_group": service.group_name}
where = {"artifact_prefix": service.prefix, "region": stack.settings.region}
stack.export(ModelOutputs(endpoint=service.endpoint_name, **names, **where))

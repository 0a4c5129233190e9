"""Writes `templates/ci/` anew: `poe pipelines`."""

from modelyard.scaffold.ci.writing import write
from modelyard.scaffold.templates import templates_folder

write(templates_folder() / "ci")

"""Makes model repositories from the templates."""

from modelyard.scaffold.bake import bake, kinds, providers, questions, templates_folder

__all__ = ["bake", "kinds", "providers", "questions", "templates_folder"]

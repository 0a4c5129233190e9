"""Makes model repositories from the templates, and brings them up to newer ones."""

from modelyard.scaffold.bake import Question, bake, check, questions
from modelyard.scaffold.templates import kinds, providers, templates_folder

__all__ = ["Question", "bake", "check", "kinds", "providers", "questions", "templates_folder"]

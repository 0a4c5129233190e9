"""modelyard: an MLOps platform as Pulumi programs, on AWS or wholly on this machine."""

__version__ = "0.1.0"

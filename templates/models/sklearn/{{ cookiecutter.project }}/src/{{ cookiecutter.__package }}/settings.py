"""Choices of this model: what the steps share, and the defaults of the pipeline's parameters."""

from types import MappingProxyType

PURPOSE = "{{ cookiecutter.description }}"
LABEL = "benign"
SEED = 20260101
VALIDATION_SHARE = 0.2
TEST_SHARE = 0.2

# Names of the CSV files that the preparation writes, one folder each.
SPLITS = ("train", "validation", "test")

# The pipeline's parameters with their defaults; an execution may override each by name.
PARAMETERS = MappingProxyType({"accuracy_threshold": 0.9, "inverse_regularization": 1.0})

# What SageMaker reads from the training job's log, as `name=value;`.
METRICS = ("train:accuracy", "validation:accuracy", "validation:auc")

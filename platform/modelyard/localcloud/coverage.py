"""What of AWS the local cloud answers: operation by operation, read off the classes that answer."""

import importlib
import inspect
from dataclasses import dataclass
from functools import cache

from botocore import xform_name
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model

OURS, MOTO, NONE = "runs", "answers", "none"
# What the runtime answers by path, before any service is asked.
RUNTIME = {
    "sagemaker-featurestore-runtime": ("BatchGetRecord", "DeleteRecord", "GetRecord", "PutRecord"),
    "sagemaker-runtime": ("InvokeEndpoint", "InvokeEndpointAsync"),
}
# botocore's name of each service that a platform uses, and moto's; S3 is moto's whole, by path and method.
SERVICES = {
    "application-autoscaling": "applicationautoscaling",
    "cloudtrail": "cloudtrail",
    "cloudwatch": "cloudwatch",
    "codebuild": "codebuild",
    "dynamodb": "dynamodb",
    "ecr": "ecr",
    "events": "events",
    "glue": "glue",
    "iam": "iam",
    "kms": "kms",
    "lambda": "awslambda",
    "logs": "logs",
    "sagemaker": "sagemaker",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
}


@dataclass(frozen=True)
class Coverage:
    """One service.

    Args:
        service: botocore's name.
        operations: each with `runs` (ours: checked, listed, really done), `answers` (moto's) or `none`.
    """

    service: str
    operations: dict[str, str]

    def count(self, kind: str) -> int:
        """Return how many operations are of a kind."""
        return sum(found == kind for found in self.operations.values())


def coverage() -> list[Coverage]:
    """Return what each service has, by name."""
    found = [_of_classes(service, backend) for service, backend in SERVICES.items()]
    found += [_of_names(service, names) for service, names in RUNTIME.items()]
    return sorted(found, key=lambda item: item.service)


@cache
def our_sagemaker_operations() -> frozenset[str]:
    """Return the names of SageMaker's operations that are ours."""
    return frozenset(name for name, kind in _of_classes("sagemaker", "sagemaker").operations.items() if kind == OURS)


def _of_classes(service: str, backend: str) -> Coverage:
    theirs = _methods(f"moto.{backend}.responses")
    ours = _our_methods(backend)
    kinds = {
        name: OURS if xform_name(name) in ours else MOTO if xform_name(name) in theirs else NONE
        for name in get_service_model(service).operation_names
    }
    return Coverage(service, kinds)


def _of_names(service: str, names: tuple[str, ...]) -> Coverage:
    return Coverage(
        service, {name: OURS if name in names else NONE for name in get_service_model(service).operation_names}
    )


def _our_methods(backend: str) -> set[str]:
    try:
        package = importlib.import_module(f"modelyard.localcloud.services.{backend}")
    except ModuleNotFoundError:
        return set()
    mixins = getattr(package, "mixins", None)
    classes = mixins() if mixins else []
    return {
        name
        for kind in classes
        for owner in kind.__mro__
        if owner.__module__.startswith("modelyard")
        for name in vars(owner)
    }


def _methods(module: str) -> set[str]:
    base: type = BaseResponse
    classes = [
        kind
        for _, kind in inspect.getmembers(importlib.import_module(module), inspect.isclass)
        if issubclass(kind, base) and kind is not base
    ]
    return {name for kind in classes for name in dir(kind) if not hasattr(base, name)}

"""What the local cloud says of itself."""

from modelyard.localcloud import coverage
from modelyard.localcloud.coverage import MOTO, NONE, OURS


def test_operations_are_ours_or_motos_or_nobodys() -> None:
    found = {item.service: item for item in coverage.coverage()}
    sagemaker = found["sagemaker"].operations
    kinds = [sagemaker[name] for name in ("CreateTransformJob", "ListAutoMLJobs", "CreateTrial", "CreateHub")]
    assert kinds == [OURS, OURS, MOTO, NONE]
    assert found["sagemaker-runtime"].operations["InvokeEndpoint"] == OURS
    assert found["sqs"].operations["SendMessage"] == MOTO
    for item in found.values():
        assert sum(item.count(kind) for kind in (OURS, MOTO, NONE)) == len(item.operations)


def test_what_is_ours_is_what_our_classes_have() -> None:
    ours = coverage.our_sagemaker_operations()
    assert {"CreateTrainingJob", "DescribeModelPackage", "QueryLineage", "RetryPipelineExecution"} <= ours
    assert not {"CreateTrial", "CreateHub", "Search"} & ours

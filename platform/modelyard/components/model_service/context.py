"""What a model repository is told when it is asked for its pipeline definition."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class PipelineContext:
    """The resources that a model's pipeline runs with, all of them known values.

    Attributes:
        name: the pipeline's name, at most 256 letters, digits and dashes.
        region: the AWS region that its jobs run in.
        role_arn: the execution role of its jobs.
        bucket: the bucket that holds all it writes.
        prefix: the key under which all of it lies, without slashes at its ends, such as `models/churn/dev`.
        source_uri: the `s3://` address of a gzipped tar archive named `sourcedir.tar.gz`, whose root is what the
            repository's `src/` holds; the address changes with the content.
        model_package_group: the name of the group that it registers models in.
        kms_key_arn: the key that encrypts its jobs' volumes and outputs; empty for AWS's own.
        subnet_ids: the subnets that its jobs run in; none for SageMaker's own network.
        security_group_ids: the security groups of its jobs; none if there are no subnets.
        instance_type: the type of its jobs' instances, such as `ml.m5.large`.
        parameters: defaults of the pipeline's parameters by name, over those in the repository.
        commit: the commit that last changed the code; empty outside a git repository. The step that registers a model
            keeps it in the package's `CustomerMetadataProperties` as `commit`.
        champion_model_uri: the `model.tar.gz` of the newest approved model; empty before there is one. The evaluation
            measures it on the same held-out data, and writes what came of it to `evaluation.json` beside the
            candidate's own metrics (`modelyard.models.gates` has the format).
        champion_version: that model's version; 0 before there is one.
        tracking_arn: the platform's MLflow tracking server; empty if it has none.
        tracking_url: where that server answers.
        sample_fraction: share of the training rows to train on; less than 1 only where a branch asks for a sample.
    """

    name: str
    region: str
    role_arn: str
    bucket: str
    prefix: str
    source_uri: str
    model_package_group: str
    kms_key_arn: str = ""
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    instance_type: str = "ml.m5.large"
    parameters: Mapping[str, str | float] = field(default_factory=dict)
    commit: str = ""
    champion_model_uri: str = ""
    champion_version: int = 0
    tracking_arn: str = ""
    tracking_url: str = ""
    sample_fraction: float = 1.0

"""SageMaker: within the VPC, encrypted, without administrators."""

from collections.abc import Iterator, Mapping

from modelyard.policies.plan import Plan, Planned, plain
from modelyard.policies.rule import Found, rule

_MODEL = "aws:sagemaker/model:Model"
_DOMAIN = "aws:sagemaker/domain:Domain"
_NOTEBOOK = "aws:sagemaker/notebookInstance:NotebookInstance"
_CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
_FEATURE_GROUP = "aws:sagemaker/featureGroup:FeatureGroup"


@rule(
    "sagemaker-model-in-vpc",
    title="Models of protected environments run inside the VPC",
    reason="a container outside the VPC reaches the internet, and data leaves by it unseen",
    mend="set vpc_config with the platform's subnets and security group",
)
def model_in_vpc(plan: Plan) -> Found:
    """Find models of a protected environment without a VPC; AWS's serverless endpoints can be in none."""
    for it in plan.of(_MODEL):
        if plan.protected and it.knows("vpcConfig") and not _subnets(it) and not _is_serverless(plan, it):
            yield it, "its containers run outside the VPC"


def _is_serverless(plan: Plan, model: Planned) -> bool:
    """Tell whether all that serves a model is serverless."""
    serving = plan.companions(model, _CONFIGURATION, by="productionVariants")
    variants = [block for it in serving for block in it.items("productionVariants")]
    return bool(variants) and all(block.get("serverlessConfig") for block in variants)


def _subnets(model: Planned) -> bool:
    return any(block.get("subnets") for block in model.items("vpcConfig"))


@rule(
    "sagemaker-domain-vpc-only",
    title="Workspaces reach the internet by the VPC alone",
    reason="a notebook with internet access of its own takes data past every control",
    mend="set app_network_access_type to VpcOnly",
)
def domain_vpc_only(plan: Plan) -> Found:
    """Find domains with public internet access."""
    for it in plan.of(_DOMAIN):
        if it.knows("appNetworkAccessType") and it.text("appNetworkAccessType") != "VpcOnly":
            yield it, "its apps reach the internet past the VPC"


@rule(
    "sagemaker-domain-encrypted",
    title="Workspaces are encrypted with a key",
    reason="home folders hold samples of data",
    mend="set kms_key_id to the environment's key",
)
def domain_encrypted(plan: Plan) -> Found:
    """Find domains without a key."""
    for it in plan.of(_DOMAIN):
        if not it.inputs.get("kmsKeyId"):
            yield it, "it has no key"


@rule(
    "sagemaker-notebook-private",
    title="Notebook instances have no internet access of their own, and no root",
    reason="who is root on a machine in the VPC can undo what limits it",
    mend="set direct_internet_access and root_access to Disabled, and subnet_id",
)
def notebook_private(plan: Plan) -> Found:
    """Find notebook instances that reach the internet, or have root."""
    for it in plan.of(_NOTEBOOK):
        for name in ("directInternetAccess", "rootAccess"):
            if it.knows(name) and it.text(name) != "Disabled":
                yield it, f"{name} is on"
                break


@rule(
    "sagemaker-notebook-encrypted",
    title="Notebook instances are encrypted with a key",
    reason="their volumes hold samples of data",
    mend="set kms_key_id to the environment's key",
)
def notebook_encrypted(plan: Plan) -> Found:
    """Find notebook instances without a key."""
    for it in plan.of(_NOTEBOOK):
        if not it.inputs.get("kmsKeyId"):
            yield it, "it has no key"


@rule(
    "sagemaker-endpoint-encrypted",
    title="Endpoints are encrypted with a key",
    reason="their volumes hold models and captured requests",
    mend="set kms_key_arn of the endpoint configuration, and kms_key_id of its data capture",
)
def endpoint_encrypted(plan: Plan) -> Found:
    """Find endpoint configurations without a key; serverless and NVMe-only variants have no volume to encrypt."""
    for it in plan.of(_CONFIGURATION):
        variants = it.items("productionVariants")
        serverless = bool(variants) and all(block.get("serverlessConfig") for block in variants)
        if not it.inputs.get("kmsKeyArn") and not serverless:
            yield it, "its volumes have no key"
        elif any(plain(block) and not block.get("kmsKeyId") for block in _captures(it)):
            yield it, "what it captures has no key"


def _captures(configuration: Planned) -> Iterator[Mapping[str, object]]:
    for block in configuration.items("dataCaptureConfig"):
        if block.get("enableCapture") is True:
            yield block


@rule(
    "sagemaker-feature-group-encrypted",
    title="Feature groups are encrypted with a key",
    reason="features are data of people, online and offline",
    mend="set kms_key_id in the security_config of the online store and in the s3_storage_config of the offline store",
)
def feature_group_encrypted(plan: Plan) -> Found:
    """Find online and offline stores without a key."""
    for it in plan.of(_FEATURE_GROUP):
        for online in it.items("onlineStoreConfig"):
            security = online.get("securityConfig")
            key = security.get("kmsKeyId") if isinstance(security, Mapping) else security
            if online.get("enableOnlineStore") is True and not key:
                yield it, "its online store has no key"
        for offline in it.items("offlineStoreConfig"):
            place = offline.get("s3StorageConfig")
            if isinstance(place, Mapping) and not place.get("kmsKeyId"):
                yield it, "its offline store has no key"

"""boto3's paginators and waiters work on what the local cloud serves."""

from collections.abc import Callable, Iterator
from typing import Any

import botocore.exceptions
import pytest
from localcloud.conftest import ACCOUNT, ROLE, Cloud

from modelyard.localcloud import daemon

COUNT = 3
TRUST = '{"Version": "2012-10-17", "Statement": []}'
ALLOWED = '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::page-0/*"}'
POLICY = f'{{"Version": "2012-10-17", "Statement": [{ALLOWED}]}}'
SERVICES = (
    "s3",
    "kms",
    "iam",
    "ec2",
    "ecr",
    "sns",
    "logs",
    "cloudwatch",
    "events",
    "sagemaker",
    "budgets",
    "cloudtrail",
    "lambda",
)
BUDGET = {"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "1", "Unit": "USD"}}
RULE = {"ScheduleExpression": "rate(1 hour)"}
ALARM = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "MetricName": "m", "Namespace": "n"}
ALARM |= {"Period": 60, "Threshold": 1.0, "Statistic": "Sum"}
FEATURES = [{"FeatureName": name, "FeatureType": "String"} for name in ("id", "time")]
STEP = '{"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "nothing to do"}}'
DEFINITION = f'{{"Version": "2020-12-01", "Steps": [{STEP}]}}'


def furnished(cloud: Cloud) -> Cloud:
    """Make three of everything that is listed."""
    client = cloud.client
    cloud.put("k0", b"0", "page-0")
    for number in range(COUNT):
        name = f"page-{number}"
        cloud.put(f"k{number}", b"x", "page-0")
        client("s3").create_bucket(Bucket=f"more-{number}")
        key = client("kms").create_key()["KeyMetadata"]["KeyId"]
        client("kms").create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
        client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        client("iam").create_policy(PolicyName=name, PolicyDocument=POLICY)
        client("iam").put_role_policy(RoleName="page-0", PolicyName=name, PolicyDocument=POLICY)
        client("iam").attach_role_policy(RoleName="page-0", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/{name}")
        vpc = client("ec2").create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
        client("ec2").create_subnet(VpcId=vpc, CidrBlock=f"10.{number}.0.0/24")
        client("ec2").create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3")
        client("ecr").create_repository(repositoryName=name)
        topic = client("sns").create_topic(Name=name)["TopicArn"]
        client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
        client("logs").create_log_group(logGroupName=name)
        client("logs").create_log_stream(logGroupName="page-0", logStreamName=name)
        client("cloudwatch").put_metric_alarm(AlarmName=name, **ALARM)
        client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')
        client("events").put_rule(Name=name, **RULE)
        client("events").put_targets(Rule="page-0", Targets=[{"Id": name, "Arn": topic}])
        client("budgets").create_budget(AccountId=ACCOUNT, Budget={"BudgetName": name, **BUDGET})
        sagemaker = client("sagemaker")
        sagemaker.create_model_package_group(ModelPackageGroupName=name)
        sagemaker.create_pipeline(
            PipelineName=name, ClientRequestToken="t" * 32, RoleArn=ROLE, PipelineDefinition=DEFINITION
        )
        sagemaker.create_feature_group(
            FeatureGroupName=name,
            RecordIdentifierFeatureName="id",
            EventTimeFeatureName="time",
            FeatureDefinitions=FEATURES,
            OnlineStoreConfig={"EnableOnlineStore": True},
        )
        image = {"Image": "sklearn", "ModelDataUrl": "s3://page-0/k0"}
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=image)
        variant = {"VariantName": "main", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    return cloud


@pytest.fixture(scope="module")
def furnished_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = tmp_path_factory.mktemp("pages")
    yield furnished(Cloud(daemon.start(home)))
    daemon.stop(home)


# What a paginator has to be told that has no default.
GIVEN: dict[str, dict[str, Any]] = {
    "s3.list_objects": {"Bucket": "page-0"},
    "s3.list_objects_v2": {"Bucket": "page-0"},
    "s3.list_object_versions": {"Bucket": "page-0"},
    "iam.list_role_policies": {"RoleName": "page-0"},
    "iam.list_attached_role_policies": {"RoleName": "page-0"},
    "iam.list_policies": {"Scope": "Local"},
    "logs.describe_log_streams": {"logGroupName": "page-0"},
    "events.list_targets_by_rule": {"Rule": "page-0"},
    "budgets.describe_budgets": {"AccountId": ACCOUNT},
    "sns.list_subscriptions_by_topic": {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:page-0"},
}
# Those that need to be told of something that `furnished` does not make, though their models don't say so.
UNASKED = {
    "iam.list_access_keys",
    "iam.list_mfa_devices",
    "iam.list_signing_certificates",
    "iam.list_ssh_public_keys",
    "iam.list_service_specific_credentials",
    "kms.list_key_policies",
    "ec2.describe_launch_template_versions",
    "logs.filter_log_events",
    "sagemaker.list_pipeline_execution_steps",
}
# Those that list what `furnished` made three of, or more.
MANY = {
    "s3.list_buckets",
    "s3.list_objects_v2",
    "s3.list_object_versions",
    "kms.list_aliases",
    "kms.list_keys",
    "iam.list_roles",
    "iam.list_policies",
    "iam.list_role_policies",
    "iam.list_attached_role_policies",
    "ec2.describe_vpcs",
    "ec2.describe_subnets",
    "ec2.describe_vpc_endpoints",
    "ecr.describe_repositories",
    "sns.list_topics",
    "sns.list_subscriptions",
    "logs.describe_log_groups",
    "logs.describe_log_streams",
    "cloudwatch.describe_alarms",
    "cloudwatch.list_dashboards",
    "events.list_rules",
    "events.list_targets_by_rule",
    "budgets.describe_budgets",
    "sagemaker.list_model_package_groups",
    "sagemaker.list_pipelines",
    "sagemaker.list_feature_groups",
    "sagemaker.list_models",
    "sagemaker.list_endpoint_configs",
}


def paginators(service: str) -> list[str]:
    """Return the operations of a service that have a paginator, and of which we know what to tell it."""
    client = Cloud.client.__get__(_NOWHERE)(service)
    found = []
    for name in sorted(client.meta.method_to_api_mapping):
        if client.can_paginate(name):
            model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name])
            required = model.input_shape.required_members if model.input_shape else []
            if f"{service}.{name}" not in UNASKED and (not required or f"{service}.{name}" in GIVEN):
                found.append(name)
    return found


class _Nowhere:
    class info:  # noqa: N801 - what a Cloud has
        endpoint_url = "http://127.0.0.1:9"


_NOWHERE: Any = _Nowhere()


def items(client: Any, name: str, arguments: dict[str, Any], size: int | None) -> list[str]:
    paginator = client.get_paginator(name)
    pages = list(paginator.paginate(**arguments, PaginationConfig={"PageSize": size} if size else {}))
    return [str(item) for key in paginator.result_keys for page in pages for item in key.search(page) or ()]


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
def test_pages_of_any_size_hold_the_same(furnished_cloud: Cloud, service: str):
    client, served = furnished_cloud.client(service), set()
    for name in paginators(service):
        arguments = GIVEN.get(f"{service}.{name}", {})
        try:
            whole = items(client, name, arguments, None)
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "NotImplemented", (name, error)
            continue
        smallest = _least(client, name)
        paged = items(client, name, arguments, smallest)
        assert sorted(paged) == sorted(whole), (name, smallest)
        served.add(f"{service}.{name}")
        if f"{service}.{name}" in MANY:
            assert len(whole) >= COUNT, name
    assert {it for it in MANY if it.startswith(f"{service}.")} <= served


def _least(client: Any, name: str) -> int | None:
    """Return the smallest page that an operation allows; none where its pages have no size."""
    key = client.get_paginator(name)._limit_key
    if not key:
        return None
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name])
    return int(model.input_shape.members[key].metadata.get("min") or 1)


WAITERS: dict[str, Callable[[Cloud], dict[str, Any]]] = {
    "s3.bucket_exists": lambda cloud: {"Bucket": "page-0"},
    "s3.bucket_not_exists": lambda cloud: {"Bucket": "never-made"},
    "s3.object_exists": lambda cloud: {"Bucket": "page-0", "Key": "k0"},
    "s3.object_not_exists": lambda cloud: {"Bucket": "page-0", "Key": "never-made"},
    "iam.role_exists": lambda cloud: {"RoleName": "page-0"},
    "iam.policy_exists": lambda cloud: {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/page-0"},
    "ec2.vpc_exists": lambda cloud: {"VpcIds": [_first(cloud, "vpcs", "VpcId")]},
    "ec2.vpc_available": lambda cloud: {"VpcIds": [_first(cloud, "vpcs", "VpcId")]},
    "ec2.subnet_available": lambda cloud: {"SubnetIds": [_first(cloud, "subnets", "SubnetId")]},
    "ec2.security_group_exists": lambda cloud: {"GroupIds": [_first(cloud, "security_groups", "GroupId")]},
    "cloudwatch.alarm_exists": lambda cloud: {"AlarmNames": ["page-0"]},
    "sagemaker.endpoint_deleted": lambda cloud: {"EndpointName": "never-made"},
}


def _first(cloud: Cloud, kind: str, field: str) -> str:
    answer = cloud.client("ec2")
    found = getattr(answer, f"describe_{kind}")()
    return next(value for key, value in found.items() if isinstance(value, list))[-1][field]


@pytest.mark.slow
@pytest.mark.parametrize("name", WAITERS)
def test_a_waiter_ends_at_once(furnished_cloud: Cloud, name: str):
    service, _, waiter = name.partition(".")
    wait = furnished_cloud.client(service).get_waiter(waiter).wait
    wait(**WAITERS[name](furnished_cloud), WaiterConfig={"Delay": 1, "MaxAttempts": 2})


@pytest.mark.slow
def test_a_waiter_that_waits_in_vain_says_so(furnished_cloud: Cloud):
    waiter = furnished_cloud.client("s3").get_waiter("bucket_exists")
    with pytest.raises(botocore.exceptions.WaiterError, match="Max attempts exceeded"):
        waiter.wait(Bucket="never-made", WaiterConfig={"Delay": 0, "MaxAttempts": 2})

"""The types that programs of plain `pulumi_aws` use most, each through its whole life."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.wire import Props

ACCOUNT = "123456789012"
TRUST = '{"Version":"2012-10-17","Statement":[]}'


def allow(action: str, resource: str, principal: Any = "*") -> str:
    """Return a policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def plain(**inputs: Any) -> Callable[[Any], Props]:
    """Return inputs that need nothing else."""
    return lambda world: dict(inputs)


def grant(action: str) -> str:
    """Return a policy for a role."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


def role(world: Any, name: str = "worker") -> str:
    made: str = world.make("aws:iam/role:Role", {"name": name, "assumeRolePolicy": TRUST})[0]
    return made


def queue(world: Any) -> tuple[str, str]:
    url, state = world.make("aws:sqs/queue:Queue", {"name": "inbox"})
    return url, state["arn"]


def table(world: Any) -> str:
    made: str = world.make("aws:ec2/routeTable:RouteTable", {"vpcId": world.vpc()})[0]
    return made


def attached_gateway(world: Any, vpc: str) -> str:
    made: str = world.make("aws:ec2/internetGateway:InternetGateway", {"vpcId": vpc})[0]
    return made


def _route(world: Any) -> Props:
    vpc = world.vpc()
    gateway = attached_gateway(world, vpc)
    made = world.make("aws:ec2/routeTable:RouteTable", {"vpcId": vpc})[0]
    return {"routeTableId": made, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway}


def _nat_gateway(world: Any) -> Props:
    subnet = world.subnet(world.vpc())
    return {"subnetId": subnet, "allocationId": world.make("aws:ec2/eip:Eip", {})[0], "tags": {"a": "1"}}


def _attachment(world: Any) -> Props:
    policy = world.make("aws:iam/policy:Policy", {"name": "shared", "policy": grant("s3:*")})[0]
    return {"role": role(world), "policyArn": policy}


def _subscription(world: Any) -> Props:
    return {"topic": world.topic(), "protocol": "sqs", "endpoint": queue(world)[1], "filterPolicy": '{"kind": ["a"]}'}


def log_bucket(world: Any) -> str:
    """Return a bucket that may be logged to."""
    name: str = world.make("aws:s3/bucket:Bucket", {"bucket": "logs-of-a-test-v2", "forceDestroy": True})[0]
    policy = allow("s3:PutObject", f"arn:aws:s3:::{name}/*", {"Service": "logging.s3.amazonaws.com"})
    world.make("aws:s3/bucketPolicy:BucketPolicy", {"bucket": name, "policy": policy})
    return name


CASES = [
    (
        "aws:iam/policy:Policy",
        plain(name="reading", description="of a test", policy=grant("s3:Get*"), tags={"a": "1"}),
        {"policy": grant("s3:List*"), "tags": {"b": "2"}},
        {"description": "of another"},
    ),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", _attachment, {}, {"role": "another"}),
    (
        "aws:iam/instanceProfile:InstanceProfile",
        lambda world: {"role": role(world), "tags": {"a": "1"}},
        {"tags": {"a": "2"}},
        {"path": "/other/"},
    ),
    (
        "aws:sqs/queue:Queue",
        plain(visibilityTimeoutSeconds=60, tags={"a": "1"}),
        {"visibilityTimeoutSeconds": 90, "delaySeconds": 5, "tags": {}},
        {"name": "another"},
    ),
    (
        "aws:sqs/queue:Queue",
        plain(fifoQueue=True, contentBasedDeduplication=True),
        {"contentBasedDeduplication": False},
        {"fifoQueue": False},
    ),
    (
        "aws:sqs/queuePolicy:QueuePolicy",
        lambda world: {"queueUrl": (made := queue(world))[0], "policy": allow("sqs:SendMessage", made[1])},
        {"policy": allow("sqs:*", "*")},
        {"queueUrl": "another"},
    ),
    (
        "aws:sns/topicSubscription:TopicSubscription",
        _subscription,
        {"filterPolicy": '{"kind":["b"]}', "rawMessageDelivery": True},
        {"endpoint": "another"},
    ),
    (
        "aws:dynamodb/table:Table",
        plain(
            billingMode="PAY_PER_REQUEST",
            hashKey="user",
            rangeKey="time",
            attributes=[{"name": "user", "type": "S"}, {"name": "time", "type": "N"}, {"name": "kind", "type": "S"}],
            globalSecondaryIndexes=[{"name": "by-kind", "hashKey": "kind", "projectionType": "ALL"}],
            pointInTimeRecovery={"enabled": True},
            ttl={"attributeName": "expires", "enabled": True},
            streamEnabled=True,
            streamViewType="NEW_IMAGE",
            tags={"a": "1"},
        ),
        {"pointInTimeRecovery": {"enabled": False}, "tags": {"a": "2"}},
        {"hashKey": "another"},
    ),
    (
        "aws:dynamodb/table:Table",
        plain(
            hashKey="user",
            attributes=[{"name": "user", "type": "S"}],
            readCapacity=1,
            writeCapacity=1,
            tableClass="STANDARD",
        ),
        {"readCapacity": 2},
        {"rangeKey": "time"},
    ),
    (
        "aws:ssm/parameter:Parameter",
        plain(name="/a/b", type="SecureString", value="hidden", description="of a test", tags={"a": "1"}),
        {"value": "changed", "tags": {"b": "1"}},
        {"name": "/a/c"},
    ),
    ("aws:ssm/parameter:Parameter", plain(type="String", insecureValue="1"), {"insecureValue": "2"}, {"name": "x"}),
    (
        "aws:secretsmanager/secret:Secret",
        plain(description="of a test", recoveryWindowInDays=0, policy=allow("secretsmanager:*", "*"), tags={"a": "1"}),
        {"description": "changed", "tags": {}},
        {"name": "another"},
    ),
    (
        "aws:ec2/internetGateway:InternetGateway",
        lambda world: {"vpcId": world.vpc(), "tags": {"a": "1"}},
        {"tags": {"a": "2"}},
        {},
    ),
    ("aws:ec2/eip:Eip", plain(domain="vpc", tags={"a": "1"}), {"tags": {"a": "2"}}, {"domain": "standard"}),
    ("aws:ec2/natGateway:NatGateway", _nat_gateway, {"tags": {"a": "2"}}, {"connectivityType": "private"}),
    ("aws:ec2/route:Route", _route, {}, {"destinationCidrBlock": "10.0.0.0/8"}),
    (
        "aws:cloudwatch/dashboard:Dashboard",
        plain(dashboardName="overview", dashboardBody='{"widgets": []}'),
        {"dashboardBody": '{"widgets": [], "start": "-P1D"}'},
        {"dashboardName": "another"},
    ),
    (
        "aws:glue/catalogDatabase:CatalogDatabase",
        plain(description="of a test", parameters={"a": "1"}),
        {"description": "changed"},
        {"name": "another"},
    ),
    (
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        lambda world: {
            "repository": world.make("aws:ecr/repository:Repository", {"name": "shared"})[0],
            "policy": allow("ecr:BatchGetImage", "*"),
        },
        {"policy": allow("ecr:*", "*")},
        {"repository": "another"},
    ),
    (
        "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
        lambda world: {
            "bucket": world.bucket(),
            "corsRules": [{"allowedMethods": ["GET"], "allowedOrigins": ["*"], "maxAgeSeconds": 60}],
        },
        {"corsRules": [{"allowedMethods": ["GET", "PUT"], "allowedOrigins": ["https://a.b"]}]},
        {"bucket": "another"},
    ),
    ("aws:s3/bucketV2:BucketV2", plain(tags={"a": "1"}), {"forceDestroy": True}, {"bucket": "another"}),
    (
        "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2",
        lambda world: {
            "bucket": world.bucket(),
            "corsRules": [{"allowedMethods": ["GET"], "allowedOrigins": ["*"]}],
        },
        {},
        {"bucket": "another"},
    ),
    (
        "aws:s3/bucketVersioningV2:BucketVersioningV2",
        lambda world: {"bucket": world.bucket(), "versioningConfiguration": {"status": "Enabled"}},
        {},
        {"bucket": "another"},
        {"versioningConfiguration": {"status": "Suspended"}},
    ),
    (
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
        lambda world: {
            "bucket": world.bucket(),
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
        },
        {},
        {"bucket": "another"},
    ),
    (
        "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
        lambda world: {
            "bucket": world.bucket(),
            "rules": [{"id": "a", "status": "Enabled", "expiration": {"days": 9}, "filter": {"prefix": "x/"}}],
        },
        {"rules": [{"id": "a", "status": "Disabled", "expiration": {"days": 9}, "filter": {"prefix": "x/"}}]},
        {"bucket": "another"},
    ),
    (
        "aws:s3/bucketLoggingV2:BucketLoggingV2",
        lambda world: {"bucket": world.bucket(), "targetBucket": log_bucket(world), "targetPrefix": "a/"},
        {},
        {"bucket": "another"},
    ),
    (
        "aws:s3/bucketObject:BucketObject",
        lambda world: {"bucket": world.bucket(), "key": "a/b", "content": "text"},
        {"content": "more"},
        {"key": "c"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_life(case: tuple[Any, ...], life: Any):
    life(*case)


def test_a_secrets_current_value_stays_until_its_secret_goes(world: Any):
    secret, state = world.make("aws:secretsmanager/secret:Secret", {"name": "door", "recoveryWindowInDays": 0})
    token = "aws:secretsmanager/secretVersion:SecretVersion"
    old = world.checked(token, {"secretId": secret, "secretString": "a"})
    first, first_state = world.create(token, old)
    assert (first_state["versionStages"], first_state["secretString"]) == (["AWSCURRENT"], "a")
    new = world.checked(token, {"secretId": secret, "secretString": "b"}, olds=old)
    assert list(world.diff(token, old, new).replaces) == ["secretString"]
    second, second_state = world.create(token, new)
    world.delete(token, first, first_state)
    assert world.read(token, second, second_state).id == second
    world.delete(token, second, second_state)
    assert second in world.list(token)
    world.delete("aws:secretsmanager/secret:Secret", secret, {**state, "recoveryWindowInDays": 0})
    assert (world.read(token, second, second_state).id, world.list(token)) == ("", set())
    world.made.clear()


@pytest.mark.parametrize(
    ("token", "given"),
    [
        ("aws:cloudwatch/eventRule:EventRule", {"name": "theirs", "scheduleExpression": "rate(1 day)"}),
        ("aws:sns/topic:Topic", {"name": "theirs"}),
        ("aws:sqs/queue:Queue", {"name": "theirs"}),
        (
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            {"name": "theirs", "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1},
        ),
        ("aws:cloudwatch/dashboard:Dashboard", {"dashboardName": "theirs", "dashboardBody": '{"widgets":[]}'}),
        ("aws:s3/bucket:Bucket", {"bucket": "theirs"}),
        ("aws:ssm/parameter:Parameter", {"name": "theirs", "type": "String", "value": "1"}),
    ],
)
def test_what_is_another_stacks_is_never_taken_over(world: Any, token: str, given: Props):
    world.make(token, given)
    with pytest.raises(ProviderError) as failure:
        world.make(token, given)
    assert f"creating {token} (theirs): " in str(failure.value)
    assert "lready" in str(failure.value)
    assert len(world.made) == 1


@pytest.mark.parametrize(
    ("token", "inputs", "word"),
    [
        (
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            lambda world: {
                "routeTableId": world.make("aws:ec2/routeTable:RouteTable", {"vpcId": (vpc := world.vpc())})[0],
                "subnetId": world.subnet(vpc),
            },
            lambda state: f"{state['subnetId']}/{state['routeTableId']}",
        ),
        ("aws:ec2/route:Route", _route, lambda state: f"{state['routeTableId']}_{state['destinationCidrBlock']}"),
        (
            "aws:cloudwatch/eventTarget:EventTarget",
            lambda world: {
                "rule": world.make("aws:cloudwatch/eventRule:EventRule", {"scheduleExpression": "rate(1 day)"})[0],
                "arn": queue(world)[1],
            },
            lambda state: f"{state['rule']}/{state['targetId']}",
        ),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            lambda world: {"bucket": world.bucket(), "versioningConfiguration": {"status": "Enabled"}},
            lambda state: f"{state['bucket']},{ACCOUNT}",
        ),
        (
            "aws:s3/bucketObjectv2:BucketObjectv2",
            lambda world: {"bucket": world.bucket(), "key": "a", "content": "b"},
            lambda state: f"s3://{state['bucket']}/{state['key']}",
        ),
        ("aws:secretsmanager/secret:Secret", plain(name="door"), lambda state: state["name"]),
    ],
)
def test_an_import_takes_the_real_providers_word(world: Any, token: str, inputs: Any, word: Any):
    resource_id, state = world.make(token, inputs(world))
    response = world.read(token, word(state), {})
    assert (response.id, response.properties["id"]) == (resource_id, resource_id)


def test_a_subnet_moves_to_another_route_table_in_place(world: Any):
    token, vpc = "aws:ec2/routeTableAssociation:RouteTableAssociation", world.vpc()
    first, second = (world.make("aws:ec2/routeTable:RouteTable", {"vpcId": vpc}, name=name)[0] for name in "ab")
    old = world.checked(token, {"routeTableId": first, "subnetId": world.subnet(vpc)})
    resource_id, state = world.create(token, old)
    new = {**old, "routeTableId": second}
    assert (list(world.diff(token, old, new).diffs), list(world.diff(token, old, new).replaces)) == (
        ["routeTableId"],
        [],
    )
    updated = world.update(token, resource_id, state, old, new)
    assert (updated["id"], updated["routeTableId"]) == (resource_id, second)
    assert world.read(token, resource_id, updated, new).id == resource_id
    world.delete(token, resource_id, updated)
    assert world.list(token) == set()
    world.made.pop()

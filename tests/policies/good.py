"""An environment in which nothing is wrong: one or more of each type that a rule is about."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from modelyard.policies.plan import Plan, Planned

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1"
TAGS = {"modelyard:project": "x", "modelyard:environment": "prod", "modelyard:owner": "me"}
LASTING = {"Bucket", "Key", "Table", "Repository", "Domain", "FeatureGroup", "ModelPackageGroup", "FileSystem"}
OWN = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: Any, resources: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def made(token: str, name: str, **inputs: Any) -> Planned:
    kind = token.rpartition(":")[2]
    tagged = {"tagsAll": TAGS} if kind in LASTING or kind in ("Role", "Topic", "LogGroup", "Vpc") else {}
    return Planned(
        type=f"aws:{token}",
        name=name,
        urn=f"urn:pulumi:prod::x::aws:{token}::{name}",
        inputs={**tagged, **inputs},
        protect=kind in LASTING or token.startswith("rds/"),
        needs={key: [value.urn] for key, value in inputs.items() if isinstance(value, Planned)},
    )


def trust(principal: Any, action: str = "sts:AssumeRole", condition: Any = OWN) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition})


NO_TLS = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
NO_TLS["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}  # type: ignore[assignment]
PIPELINE = {
    "StringEquals": {"ci.example:aud": "sts.amazonaws.com"},
    "StringLike": {"ci.example:sub": "repo:acme/models:ref:refs/heads/main"},
}


def _bucket(name: str) -> list[Planned]:
    bucket = made("s3/bucket:Bucket", name, bucket=name)
    block = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
    kms = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}}
    return [
        bucket,
        made(
            "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            f"{name}-encryption",
            bucket=bucket,
            rules=[kms],
        ),
        made("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", f"{name}-private", bucket=bucket, **block),
        made(
            "s3/bucketVersioning:BucketVersioning",
            f"{name}-versions",
            bucket=bucket,
            versioningConfiguration={"status": "Enabled"},
        ),
        made(
            "s3/bucketOwnershipControls:BucketOwnershipControls",
            f"{name}-ownership",
            bucket=bucket,
            rule={"objectOwnership": "BucketOwnerEnforced"},
        ),
        made("s3/bucketPolicy:BucketPolicy", f"{name}-policy", bucket=bucket, policy=document(NO_TLS)),
    ]


def _storage() -> list[Planned]:
    data, logs = _bucket("data"), _bucket("logs")
    logging = made("s3/bucketLogging:BucketLogging", "data-logging", bucket=data[0], targetBucket=logs[0])
    key = document(
        allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        allow("kms:Decrypt", "*", Principal={"Service": "logs.amazonaws.com"}, Condition=OWN),
    )
    return [
        *data,
        *logs,
        logging,
        made("s3/bucketObjectv2:BucketObjectv2", "code", bucket=data[0], key="code.tar.gz"),
        made("kms/key:Key", "key", enableKeyRotation=True, deletionWindowInDays=30, policy=key),
        made("cloudwatch/logGroup:LogGroup", "log", kmsKeyId=KEY, retentionInDays=30),
        made("sns/topic:Topic", "topic", kmsMasterKeyId=KEY),
        made(
            "sns/topicPolicy:TopicPolicy",
            "topic-policy",
            policy=document(
                allow("sns:Publish", "*", Principal={"Service": "events.amazonaws.com"}, Condition=OWN),
            ),
        ),
        made("sqs/queue:Queue", "queue", sqsManagedSseEnabled=True),
        made(
            "dynamodb/table:Table",
            "table",
            serverSideEncryption={"enabled": True, "kmsKeyArn": KEY},
            pointInTimeRecovery={"enabled": True},
        ),
        made("efs/fileSystem:FileSystem", "files", encrypted=True),
        made("rds/instance:Instance", "database", storageEncrypted=True, publiclyAccessible=False),
        made("secretsmanager/secret:Secret", "secret", kmsKeyId=KEY),
        made("ssm/parameter:Parameter", "parameter", type="SecureString", keyId=KEY),
        made(
            "ecr/repository:Repository",
            "images",
            imageTagMutability="IMMUTABLE",
            imageScanningConfiguration={"scanOnPush": True},
            encryptionConfigurations=[{"encryptionType": "KMS", "kmsKey": KEY}],
        ),
    ]


def _identity() -> list[Planned]:
    role = made("iam/role:Role", "role", assumeRolePolicy=trust({"Service": "sagemaker.amazonaws.com"}))
    federated = trust({"Federated": "arn:ci"}, "sts:AssumeRoleWithWebIdentity", PIPELINE)
    passed = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    policy = document(
        allow("s3:GetObject", "arn:aws:s3:::data/*"),
        allow(["ecr:GetAuthorizationToken", "ec2:DescribeSubnets"], "*"),
        allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/training", Condition=passed),
        allow("sagemaker:StopTrainingJob", "*", Condition={"StringEquals": {"aws:ResourceTag/owner": "me"}}),
        {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
    )
    return [
        role,
        made("iam/role:Role", "deploy", assumeRolePolicy=federated),
        made("iam/rolePolicy:RolePolicy", "policy", role=role, policy=policy),
        made("iam/rolePolicyAttachment:RolePolicyAttachment", "attachment", role=role, policyArn=f"arn:{ACCOUNT}:own"),
        made(
            "lambda/permission:Permission",
            "permission",
            principal="events.amazonaws.com",
            sourceArn=f"arn:aws:events:eu-central-1:{ACCOUNT}:rule/x",
        ),
        made("lambda/functionUrl:FunctionUrl", "url", authorizationType="AWS_IAM"),
        made("lambda/function:Function", "function", environment={"variables": {"TOKEN_ARN": "arn:x", "LEVEL": "1"}}),
        made(
            "codebuild/project:Project",
            "project",
            environment={"environmentVariables": [{"name": "PASSPHRASE", "type": "SECRETS_MANAGER", "value": "arn:x"}]},
        ),
    ]


def _network() -> list[Planned]:
    vpc = made("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    endpoint = allow("*", "*", Principal="*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})
    return [
        vpc,
        made("ec2/flowLog:FlowLog", "flow", vpcId=vpc, trafficType="ALL"),
        made("ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", vpcId=vpc),
        made("ec2/subnet:Subnet", "subnet", vpcId=vpc, mapPublicIpOnLaunch=False),
        made("ec2/securityGroup:SecurityGroup", "group", vpcId=vpc),
        made("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "in", cidrIpv4="10.0.0.0/16", ipProtocol="-1"),
        made("vpc/securityGroupEgressRule:SecurityGroupEgressRule", "out", cidrIpv4="0.0.0.0/0", ipProtocol="tcp"),
        made("ec2/vpcEndpoint:VpcEndpoint", "endpoint", vpcId=vpc, policy=document(endpoint)),
    ]


def _sagemaker() -> list[Planned]:
    return [
        made("sagemaker/domain:Domain", "domain", appNetworkAccessType="VpcOnly", kmsKeyId=KEY),
        made(
            "sagemaker/notebookInstance:NotebookInstance",
            "notebook",
            directInternetAccess="Disabled",
            rootAccess="Disabled",
            kmsKeyId=KEY,
        ),
        made(
            "sagemaker/model:Model",
            "model",
            vpcConfig={"subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
            containers=[{"environment": {"LEVEL": "1"}}],
        ),
        made(
            "sagemaker/endpointConfiguration:EndpointConfiguration",
            "configuration",
            kmsKeyArn=KEY,
            productionVariants=[{"instanceType": "ml.m5.large"}],
            dataCaptureConfig={"enableCapture": True, "kmsKeyId": KEY},
        ),
        made(
            "sagemaker/featureGroup:FeatureGroup",
            "features",
            onlineStoreConfig={"enableOnlineStore": True, "securityConfig": {"kmsKeyId": KEY}},
            offlineStoreConfig={"s3StorageConfig": {"s3Uri": "s3://data/features", "kmsKeyId": KEY}},
        ),
        made("sagemaker/modelPackageGroup:ModelPackageGroup", "models"),
        made(
            "cloudtrail/trail:Trail",
            "trail",
            enableLogFileValidation=True,
            kmsKeyId=KEY,
            isMultiRegionTrail=True,
            includeGlobalServiceEvents=True,
            enableLogging=True,
        ),
    ]


def resources() -> dict[str, Planned]:
    """Return the resources by name."""
    found = [*_storage(), *_identity(), *_network(), *_sagemaker()]
    return {it.name: it for it in found}


def plan(change: Callable[[dict[str, Planned]], None] | None = None, *, protected: bool = True) -> Plan:
    """Return the plan, with a change made to its resources."""
    planned = resources()
    if change is not None:
        change(planned)
    return Plan(resources=tuple(planned.values()), protected=protected, required_tags=tuple(TAGS))


def put(name: str, **inputs: Any) -> Callable[[dict[str, Planned]], None]:
    """Give a resource other inputs; those that are None are taken out."""

    def change(planned: dict[str, Planned]) -> None:
        merged = {**planned[name].inputs, **inputs}
        kept = {key: value for key, value in merged.items() if value is not None}
        planned[name] = replace(planned[name], inputs=kept)

    return change


def drop(name: str) -> Callable[[dict[str, Planned]], None]:
    """Take a resource out."""

    def change(planned: dict[str, Planned]) -> None:
        del planned[name]

    return change


def add(token: str, **inputs: Any) -> Callable[[dict[str, Planned]], None]:
    """Add a resource, called `added`."""

    def change(planned: dict[str, Planned]) -> None:
        planned["added"] = made(token, "added", **inputs)

    return change


def unprotect(name: str) -> Callable[[dict[str, Planned]], None]:
    """Take a resource's protection away."""

    def change(planned: dict[str, Planned]) -> None:
        planned[name] = replace(planned[name], protect=False)

    return change

"""Interface endpoints: AWS's services inside the network, so that nothing needs a way out to reach them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.network import policy
from modelyard.components.network.settings import NetworkSettings
from modelyard.naming import Scope

# Every service that jobs, endpoints, notebooks and pipelines of the platform call, by AWS's names; S3 and DynamoDB
# have gateways, which cost nothing. `experiments` is MLflow.
SERVICES = (
    "aws.sagemaker.{region}.experiments",
    "ecr.api",
    "ecr.dkr",
    "events",
    "kms",
    "logs",
    "monitoring",
    "sagemaker.api",
    "sagemaker.featurestore-runtime",
    "sagemaker.runtime",
    "sns",
    "sts",
)


@dataclass(frozen=True, kw_only=True)
class EndpointsArgs:
    """Wires of the endpoints."""

    settings: NetworkSettings
    scope: Scope
    account_id: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    workloads_id: pulumi.Input[str]


class Endpoints(Component):
    """One interface endpoint for each service, in every private subnet; only workloads reach them.

    Attributes:
        security_group_id: the security group of the endpoints.
    """

    token = "modelyard:platform:Endpoints"  # noqa: S105 - a type token

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        child, child_opts = self.child("group")
        group = aws.ec2.SecurityGroup(
            child,
            name=args.scope.name("endpoints", limit=255),
            description="Endpoints of AWS services: workloads reach them over TLS",
            vpc_id=args.vpc_id,
            tags={"Name": args.scope.name("endpoints")},
            opts=child_opts,
        )
        child, child_opts = self.child("from-workloads")
        aws.vpc.SecurityGroupIngressRule(
            child,
            security_group_id=group.id,
            referenced_security_group_id=args.workloads_id,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            description="TLS from workloads",
            opts=child_opts,
        )
        for service in sorted({*SERVICES, *args.settings.extra_endpoints}):
            self._endpoint(args, group, service)
        self.security_group_id = group.id
        self.register_outputs({"securityGroupId": self.security_group_id})

    def _endpoint(self, args: EndpointsArgs, group: aws.ec2.SecurityGroup, service: str) -> None:
        full = service_name(service, args.scope.region)
        word = full.removeprefix("com.amazonaws.").replace(f"{args.scope.region}.", "").replace(".", "-")
        name, opts = self.child(word)
        document = pulumi.Output.from_input(args.account_id).apply(lambda it: json.dumps(policy.own_principals(it)))
        aws.ec2.VpcEndpoint(
            name,
            vpc_id=args.vpc_id,
            service_name=full,
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=args.subnet_ids,
            security_group_ids=[group.id],
            policy=document,
            tags={"Name": args.scope.name(word)},
            opts=opts,
        )


def service_name(service: str, region: str) -> str:
    """Return AWS's whole name of a service; one that has its `aws.` or `com.` already stays as it is.

    Args:
        service: such as `ecr.api`, or `aws.sagemaker.{region}.experiments`.
        region: the AWS region.
    """
    if service.startswith(("aws.", "com.")):
        return service.replace("{region}", region)
    return f"com.amazonaws.{region}.{service}"

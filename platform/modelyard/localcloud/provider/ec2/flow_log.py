"""`aws:ec2/flowLog:FlowLog`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

# What is watched: the property, EC2's word for the kind, and how identifiers of that kind begin.
_WATCHED = (
    ("vpcId", "VPC", "vpc-"),
    ("subnetId", "Subnet", "subnet-"),
    ("eniId", "NetworkInterface", "eni-"),
    ("transitGatewayAttachmentId", "TransitGatewayAttachment", "tgw-attach-"),
    ("transitGatewayId", "TransitGateway", "tgw-"),
    ("regionalNatGatewayId", "RegionalNatGateway", "nat-"),
)


class FlowLog(Ec2Resource):
    """The record of a network's traffic."""

    pulumi_type = "aws:ec2/flowLog:FlowLog"
    noun = "flow_log"
    kind = "vpc-flow-log"
    identifier = "FlowLogId"
    members = "FlowLogs"
    immutable = True
    defaults: ClassVar = {"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600}
    names: ClassVar = {
        "deliverCrossAccountRole": "DeliverCrossAccountRole",
        "iamRoleArn": "DeliverLogsPermissionArn",
        "logDestination": "LogDestination",
    }
    unread = frozenset({"tagFieldSpecifications"})

    def same(self, name: str, old: Any, new: Any) -> bool:
        """A log group's ARN is the same with the end that stands for its streams and without."""
        if name == "logDestination" and isinstance(old, str) and isinstance(new, str):
            return old.removesuffix(":*") == new.removesuffix(":*")
        return super().same(name, old, new)

    def create(self, aws: Session, inputs: Props) -> str:
        """Start the record.

        Raises:
            ProviderError: nothing to watch is given, or EC2 does not watch it.
        """
        watched = next(((inputs[name], word) for name, word, _ in _WATCHED if inputs.get(name)), None)
        if watched is None:
            raise ProviderError("a flow log watches nothing", hint="give vpc_id, subnet_id or eni_id")
        parameters = self.request(aws, "create_flow_logs", {**inputs, "tagsAll": None})
        parameters |= {"ResourceIds": [watched[0]], "ResourceType": watched[1]} | self.tag_specification(inputs)
        answer = self.call(aws, "create_flow_logs", **parameters)
        for refused in answer.get("Unsuccessful", []):
            error = refused["Error"]
            raise ProviderError(f"EC2 does not watch {watched[0]}: {error['Code']}: {error['Message']}")
        return str(answer["FlowLogIds"][0])

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Read what is watched and where its record goes; a log group may be told by its name alone."""
        watched = {name: found["ResourceId"] for name, _, start in _WATCHED if found["ResourceId"].startswith(start)}
        destination = found.get("LogDestination") or aws.arn("logs", f"log-group:{found.get('LogGroupName')}")
        return {**dict(list(watched.items())[:1]), "logDestination": destination}

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """End the record; what it wrote stays."""
        self.find(aws, "delete_flow_logs", FlowLogIds=[resource_id])


RESOURCE = FlowLog()

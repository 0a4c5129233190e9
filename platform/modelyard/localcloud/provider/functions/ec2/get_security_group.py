"""`aws:ec2/getSecurityGroup:getSecurityGroup`."""

from modelyard.localcloud.provider.functions.lookup import described, filters, only, picked
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_NAMES = ("arn", "description", "id", "name", "region", "tags", "vpcId")


def call(aws: Session, args: Props) -> Props:
    """Return the one security group that the arguments describe."""
    by_id = {"GroupIds": [args["id"]]} if args.get("id") else {}
    asked = filters(args, name="group-name", vpcId="vpc-id")
    found = aws.client("ec2").describe_security_groups(Filters=asked, **by_id)["SecurityGroups"]
    group = only(found, "EC2 Security Group")
    return picked(described(aws, "aws:ec2/securityGroup:SecurityGroup", str(group["GroupId"])), _NAMES)

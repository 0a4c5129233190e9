"""`aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule`."""

from modelyard.localcloud.provider.vpc import SecurityGroupRule


class SecurityGroupEgressRule(SecurityGroupRule):
    """What a security group lets out."""

    pulumi_type = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    direction = "egress"


RESOURCE = SecurityGroupEgressRule()

"""`aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule`."""

from modelyard.localcloud.provider.vpc import SecurityGroupRule


class SecurityGroupIngressRule(SecurityGroupRule):
    """What a security group lets in."""

    pulumi_type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    direction = "ingress"


RESOURCE = SecurityGroupIngressRule()

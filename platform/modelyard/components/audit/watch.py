"""What of the record raises an alarm: patterns of CloudWatch Logs, pure.

Source: the section "Monitoring" of the CIS Amazon Web Services Foundations Benchmark.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Watched:
    """Something that somebody should look at.

    Args:
        description: says what happened.
        pattern: matches its records, in CloudWatch Logs' filter syntax; at most 1024 characters.
    """

    description: str
    pattern: str


def _calls(*names: str, source: str = "") -> str:
    """Match calls by their names, of one service where it is given."""
    called = " || ".join(f"($.eventName = {name})" for name in names)
    return f"{{ ($.eventSource = {source}) && ({called}) }}" if source else f"{{ {called} }}"


WATCHED = {
    "unauthorized-calls": Watched(
        "A call was refused", '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }'
    ),
    "login-without-mfa": Watched(
        "Somebody logged in without a second factor",
        '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes")'
        ' && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    ),
    "failed-logins": Watched(
        "A login failed", '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }'
    ),
    "root-usage": Watched(
        "The account's root user did something",
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    ),
    "policy-changes": Watched(
        "An IAM policy was changed",
        _calls(
            *(f"{verb}{kind}Policy" for kind in ("Group", "Role", "User") for verb in ("Put", "Delete")),
            *(f"{verb}{kind}Policy" for kind in ("Group", "Role", "User") for verb in ("Attach", "Detach")),
            "CreatePolicy",
            "DeletePolicy",
            "CreatePolicyVersion",
            "DeletePolicyVersion",
        ),
    ),
    "trail-changes": Watched(
        "The audit trail was changed",
        _calls("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
    ),
    "key-deletions": Watched(
        "A key was disabled or is to be deleted",
        _calls("DisableKey", "ScheduleKeyDeletion", source="kms.amazonaws.com"),
    ),
    "bucket-policy-changes": Watched(
        "A bucket's policy was changed",
        _calls(
            "PutBucketAcl",
            *(f"{verb}Bucket{kind}" for verb in ("Put", "Delete") for kind in ("Policy", "Cors", "Lifecycle")),
            "PutBucketReplication",
            "DeleteBucketReplication",
            source="s3.amazonaws.com",
        ),
    ),
    "config-changes": Watched(
        "AWS Config was changed",
        _calls(
            "StopConfigurationRecorder",
            "DeleteDeliveryChannel",
            "PutDeliveryChannel",
            "PutConfigurationRecorder",
            source="config.amazonaws.com",
        ),
    ),
    "security-group-changes": Watched(
        "A security group was changed",
        _calls(
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "CreateSecurityGroup",
            "DeleteSecurityGroup",
        ),
    ),
    "network-acl-changes": Watched(
        "A network ACL was changed",
        _calls(
            "CreateNetworkAcl",
            "CreateNetworkAclEntry",
            "DeleteNetworkAcl",
            "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            "ReplaceNetworkAclAssociation",
        ),
    ),
    "gateway-changes": Watched(
        "A way into or out of a network was changed",
        _calls(
            "CreateCustomerGateway",
            "DeleteCustomerGateway",
            "AttachInternetGateway",
            "CreateInternetGateway",
            "DeleteInternetGateway",
            "DetachInternetGateway",
        ),
    ),
    "route-changes": Watched(
        "A route was changed",
        _calls(
            "CreateRoute",
            "CreateRouteTable",
            "ReplaceRoute",
            "ReplaceRouteTableAssociation",
            "DeleteRouteTable",
            "DeleteRoute",
            "DisassociateRouteTable",
            source="ec2.amazonaws.com",
        ),
    ),
    "vpc-changes": Watched(
        "A network was changed",
        _calls(
            "CreateVpc",
            "DeleteVpc",
            "ModifyVpcAttribute",
            "AcceptVpcPeeringConnection",
            "CreateVpcPeeringConnection",
            "DeleteVpcPeeringConnection",
            "RejectVpcPeeringConnection",
            "AttachClassicLinkVpc",
            "DetachClassicLinkVpc",
            "DisableVpcClassicLink",
            "EnableVpcClassicLink",
        ),
    ),
    "organization-changes": Watched(
        "The organization was changed",
        _calls(
            *("AcceptHandshake", "AttachPolicy", "CancelHandshake", "CreateAccount", "CreateOrganization"),
            *("CreateOrganizationalUnit", "CreatePolicy", "DeclineHandshake", "DeleteOrganization"),
            *("DeleteOrganizationalUnit", "DeletePolicy", "EnableAllFeatures", "EnablePolicyType"),
            *("InviteAccountToOrganization", "LeaveOrganization", "DetachPolicy", "DisablePolicyType", "MoveAccount"),
            *("RemoveAccountFromOrganization", "UpdateOrganizationalUnit", "UpdatePolicy"),
            source="organizations.amazonaws.com",
        ),
    ),
}

"""What policies allow, asked as the SageMaker SDK asks before it starts a job."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.localcloud.services.iam.simulation import Policy, judge

from .conftest import Cloud

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def allow(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def decided(answer: dict[str, Any]) -> dict[str, str]:
    return {result["EvalActionName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}


def test_a_role_may_what_its_policies_and_its_boundary_allow(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    bound = iam.create_policy(PolicyName="bound", PolicyDocument=document(allow(["s3:*", "logs:*"])))["Policy"]["Arn"]
    attached = iam.create_policy(PolicyName="some", PolicyDocument=document(allow("logs:Put*")))["Policy"]["Arn"]
    arn = iam.create_role(RoleName="asked", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=bound)["Role"]["Arn"]
    own = document(allow("s3:*", "arn:aws:s3:::mine/*"), allow("s3:DeleteObject", effect="Deny"), allow("sagemaker:*"))
    iam.put_role_policy(RoleName="asked", PolicyName="own", PolicyDocument=own)
    iam.attach_role_policy(RoleName="asked", PolicyArn=attached)
    actions = ["s3:GetObject", "s3:DeleteObject", "logs:PutLogEvents", "sagemaker:CreateModel", "ec2:RunInstances"]
    mine = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=actions, ResourceArns=["arn:aws:s3:::mine/a.csv"]
    )
    assert decided(mine) == {
        "s3:GetObject": "allowed",
        "s3:DeleteObject": "explicitDeny",
        "logs:PutLogEvents": "allowed",
        "sagemaker:CreateModel": "implicitDeny",
        "ec2:RunInstances": "implicitDeny",
    }
    by_boundary = mine["EvaluationResults"][3]
    assert by_boundary["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert by_boundary["MatchedStatements"] == [{"SourcePolicyId": "own", "SourcePolicyType": "IAM Policy"}]
    assert decided(iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions[:1])) == {
        "s3:GetObject": "implicitDeny"
    }
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=arn, ActionNames=actions, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["EvaluationResults"]) for page in pages] == [2, 2, 1]


def test_a_user_has_its_groups_policies(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    arn = iam.create_user(UserName="ann")["User"]["Arn"]
    iam.create_group(GroupName="all")
    iam.put_group_policy(GroupName="all", PolicyName="read", PolicyDocument=document(allow("s3:Get*")))
    iam.add_user_to_group(GroupName="all", UserName="ann")
    answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:GetObject", "s3:PutObject"])
    assert decided(answer) == {"s3:GetObject": "allowed", "s3:PutObject": "implicitDeny"}


def test_what_is_wrong_is_said(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    cases = {
        "NoSuchEntity": {"PolicySourceArn": "arn:aws:iam::123456789012:role/nobody", "ActionNames": ["s3:GetObject"]},
        "InvalidInput": {"PolicySourceArn": "arn:aws:iam::123456789012:root", "ActionNames": ["s3:GetObject"]},
    }
    for code, request in cases.items():
        with pytest.raises(ClientError) as refused:
            iam.simulate_principal_policy(**request)
        assert refused.value.response["Error"]["Code"] == code
    for policies, actions, code in ((["{}"], ["s3:GetObject"], "InvalidInput"), ([], ["GetObject"], "ValidationError")):
        with pytest.raises(ClientError) as refused:
            iam.simulate_custom_policy(PolicyInputList=policies, ActionNames=actions)
        assert refused.value.response["Error"]["Code"] == code


def test_conditions_are_held_to_what_the_request_says(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    tagged = document(allow("s3:GetObject", Condition={"StringLike": {"aws:ResourceTag/team": "ml-*"}}))
    asked = {"PolicyInputList": [tagged], "ActionNames": ["s3:GetObject"]}
    without = iam.simulate_custom_policy(**asked)["EvaluationResults"][0]
    assert (without["EvalDecision"], without["MissingContextValues"]) == ("implicitDeny", ["aws:ResourceTag/team"])
    for team, decision in (("ml-one", "allowed"), ("web", "implicitDeny")):
        entry = {
            "ContextKeyName": "aws:ResourceTag/team",
            "ContextKeyValues": [team],
            "ContextKeyType": "string",
        }
        assert decided(iam.simulate_custom_policy(**asked, ContextEntries=[entry])) == {"s3:GetObject": decision}


@pytest.mark.parametrize(
    ("condition", "given", "holds"),
    [
        ({"StringEquals": {"k": ["a", "b"]}}, {"K": ["b"]}, True),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": ["b"]}, False),
        ({"StringNotEquals": {"k": "a"}}, {}, True),
        ({"StringEqualsIfExists": {"k": "a"}}, {}, True),
        ({"StringEquals": {"k": "a"}}, {}, False),
        ({"ForAllValues:StringEquals": {"k": ["a", "b"]}}, {"k": ["a", "c"]}, False),
        ({"ForAnyValue:StringEquals": {"k": ["a", "b"]}}, {"k": ["a", "c"]}, True),
        ({"Null": {"k": "true"}}, {}, True),
        ({"Null": {"k": "true"}}, {"k": ["x"]}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": ["true"]}, False),
        ({"NumericLessThanEquals": {"k": "10"}}, {"k": ["9.5"]}, True),
        ({"NumericLessThan": {"k": "10"}}, {"k": ["many"]}, False),
        ({"ArnLike": {"k": "arn:aws:s3:::b-*"}}, {"k": ["arn:aws:s3:::b-1"]}, True),
        ({"NobodyKnows": {"k": "a"}}, {"k": ["a"]}, False),
    ],
)
def test_conditions(condition: dict[str, Any], given: dict[str, list[str]], holds: bool) -> None:
    policy = Policy("p", {"Statement": allow("s3:*", Condition=condition)})
    assert judge([policy], "s3:GetObject", "*", given).decision == ("allowed" if holds else "implicitDeny")


def test_what_is_left_out_is_meant() -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::secret/[x]*"}
    policy = Policy("p", {"Statement": [statement]})
    asked = [("S3:getobject", "arn:aws:s3:::open/a"), ("iam:GetRole", "*"), ("s3:GetObject", "arn:aws:s3:::secret/[x]")]
    assert [judge([policy], action, resource, {}).decision for action, resource in asked] == [
        "allowed",
        "implicitDeny",
        "implicitDeny",
    ]

"""Policy documents, computed as the real provider does."""

import json
import zlib
from typing import Any

import pytest

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.wire import Props

TOKEN = "aws:iam/getPolicyDocument:getPolicyDocument"


def statements(world: Any, **args: Any) -> Any:
    return json.loads(world.invoke(TOKEN, args)["json"]).get("Statement", [])


def source(*items: Props, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", **more, "Statement": list(items)})


def test_policy_document_is_rendered_as_the_real_provider_does(world: Any):
    source = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Old", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}],
    }
    args = {
        "sourcePolicyDocuments": [json.dumps(source)],
        "statements": [
            {
                "sid": "One",
                "actions": ["s3:GetObject", "s3:PutObject"],
                "resources": ["arn:aws:s3:::b/&{aws:username}"],
                "principals": [{"type": "Service", "identifiers": ["sagemaker.amazonaws.com"]}],
                "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1", "2"]}],
            },
            {
                "effect": "Deny",
                "notActions": ["iam:*"],
                "resources": ["*"],
                "principals": [{"type": "*", "identifiers": ["*"]}],
            },
        ],
    }
    result = world.invoke(TOKEN, args)
    assert (
        result["json"]
        == """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Old",
      "Effect": "Deny",
      "Action": "s3:*",
      "Resource": "*"
    },
    {
      "Sid": "One",
      "Effect": "Allow",
      "Action": [
        "s3:PutObject",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::b/${aws:username}",
      "Principal": {
        "Service": "sagemaker.amazonaws.com"
      },
      "Condition": {
        "StringEquals": {
          "aws:SourceAccount": [
            "1",
            "2"
          ]
        }
      }
    },
    {
      "Effect": "Deny",
      "NotAction": "iam:*",
      "Resource": "*",
      "Principal": "*"
    }
  ]
}"""
    )
    assert json.loads(result["minifiedJson"]) == json.loads(result["json"])
    assert result["id"] == str(zlib.crc32(result["json"].encode()))


def test_a_statement_takes_the_place_of_an_earlier_one_of_its_sid(world: Any):
    first, second = ({"Sid": sid, "Effect": "Allow", "Action": "a", "Resource": "*"} for sid in ("One", "Two"))
    nameless = {"Effect": "Deny", "Action": "b", "Resource": "*"}
    found = statements(
        world,
        sourcePolicyDocuments=[source(first, nameless), None, source(second)],
        statements=[{"sid": "Two", "actions": ["mine"], "resources": ["*"]}, {"actions": ["c"], "resources": ["*"]}],
        overridePolicyDocuments=[source({**first, "Action": "over"}), source(nameless)],
    )
    assert [(item.get("Sid"), item["Action"]) for item in found] == [
        ("One", "over"),
        (None, "b"),
        ("Two", "mine"),
        (None, "c"),
        (None, "b"),
    ]


def test_identifier_and_version_of_other_documents(world: Any):
    args = {
        "version": "2008-10-17",
        "policyId": "mine",
        "sourcePolicyDocuments": [source(Version="2012-10-17", Id="source")],
        "overridePolicyDocuments": [source(Version="2008-10-17", Id="last")],
    }
    result = world.invoke(TOKEN, args)
    assert json.loads(result["json"]) == {"Version": "2012-10-17", "Id": "last"}
    assert result["version"] == "2008-10-17"
    assert world.invoke(TOKEN, {})["minifiedJson"] == '{"Version":"2012-10-17"}'


def test_sets_have_no_doubles_and_one_of_a_set_stands_alone(world: Any):
    found = statements(
        world,
        statements=[
            {
                "actions": ["b", "a", "b"],
                "resources": ["x", "x"],
                "principals": [
                    {"type": "AWS", "identifiers": ["1", "3", "2"]},
                    {"type": "AWS", "identifiers": ["4"]},
                    {"type": "*", "identifiers": ["*"]},
                ],
            },
            {"notPrincipals": [{"type": "*", "identifiers": ["*"]}], "notResources": ["r"]},
            {"principals": [{"type": "AWS", "identifiers": ["*"]}]},
        ],
    )
    assert found == [
        {
            "Effect": "Allow",
            "Action": ["b", "a"],
            "Resource": "x",
            "Principal": {"*": "*", "AWS": ["3", "2", "1", "4"]},
        },
        {"Effect": "Allow", "NotResource": "r", "NotPrincipal": "*"},
        {"Effect": "Allow", "Principal": {"AWS": "*"}},
    ]


def test_conditions_of_one_test_and_variable_come_together(world: Any):
    conditions = [
        {"test": "StringLike", "variable": "b", "values": ["2", "1"]},
        {"test": "StringLike", "variable": "b", "values": ["3"]},
        {"test": "StringLike", "variable": "a", "values": ["&{aws:username}/*"]},
        {"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]},
    ]
    assert statements(world, statements=[{"conditions": conditions}])[0]["Condition"] == {
        "Bool": {"aws:SecureTransport": "false"},
        "StringLike": {"a": "${aws:username}/*", "b": ["2", "1", "3"]},
    }


def test_other_documents_are_rewritten_as_own_ones(world: Any):
    other = source(
        {
            "Effect": "Allow",
            "Principal": {"Service": ["a", "b"], "AWS": "1"},
            "Action": ["y", "x"],
            "Condition": {"Bool": {"aws:SecureTransport": False}, "StringEquals": {"k": ["v"]}},
            "Resource": "a<b>&c",
        },
        {"Effect": "Allow", "Principal": "*", "Action": "z"},
    )
    result = world.invoke(TOKEN, {"sourcePolicyDocuments": [other]})
    assert result["minifiedJson"] == (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["y","x"],'
        '"Resource":"a\\u003cb\\u003e\\u0026c","Principal":{"AWS":"1","Service":["b","a"]},'
        '"Condition":{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"k":"v"}}},'
        '{"Effect":"Allow","Action":"z","Principal":"*"}]}'
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"version": "2020-01-01"}, "version is '2020-01-01'"),
        ({"statements": [{"sid": "a b"}]}, "Sid 'a b' must only include alphanumeric characters"),
        ({"statements": [{"effect": "Maybe"}]}, "effect is 'Maybe'"),
        ({"statements": [{"sid": "a"}, {"sid": "a"}]}, "duplicate Sid (a) in statements"),
        ({"sourcePolicyDocuments": [source({"Sid": "a"})] * 2}, "duplicate Sid (a) in sourcePolicyDocuments"),
        (
            {"sourcePolicyDocuments": ['{"Statement": {"Sid": "a"}}']},
            "sourcePolicyDocuments[0] is not a policy document with a list of statements",
        ),
        (
            {"version": "2008-10-17", "statements": [{"resources": ["&{aws:username}"]}]},
            "found &{ sequence, which is not supported in document version 2008-10-17",
        ),
    ],
)
def test_what_is_refused(world: Any, args: Props, message: str):
    with pytest.raises(ProviderError) as failure:
        world.invoke(TOKEN, args)
    assert str(failure.value) == message

"""The provider's functions."""

import json
from typing import Any


def test_caller_identity(world: Any):
    result = world.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert (result["accountId"], result["id"]) == ("123456789012", "123456789012")
    assert result["arn"].startswith("arn:aws:")


def test_region(world: Any):
    assert world.invoke("aws:index/getRegion:getRegion", {}) == {
        "description": "us-east-1",
        "endpoint": "ec2.us-east-1.amazonaws.com",
        "id": "us-east-1",
        "name": "us-east-1",
        "region": "us-east-1",
    }


def test_partition(world: Any):
    assert world.invoke("aws:index/getPartition:getPartition", {}) == {
        "dnsSuffix": "amazonaws.com",
        "id": "aws",
        "partition": "aws",
        "region": "us-east-1",
        "reverseDnsPrefix": "com.amazonaws",
    }


def test_availability_zones(world: Any):
    result = world.invoke(
        "aws:index/getAvailabilityZones:getAvailabilityZones",
        {"state": "available", "excludeNames": ["us-east-1e", "us-east-1f"]},
    )
    assert result["names"] == ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"]
    assert len(result["zoneIds"]) == 4


def test_policy_document_is_rendered_as_the_real_provider_does(world: Any):
    source = {"Version": "2012-10-17", "Statement": {"Sid": "Old", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}}
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
    result = world.invoke("aws:iam/getPolicyDocument:getPolicyDocument", args)
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

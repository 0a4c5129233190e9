"""`aws:iam/getPolicy:getPolicy`."""

import json

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.functions.lookup import only
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import from_pairs
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return a managed policy, AWS's own too, found by its ARN or its name.

    Raises:
        ProviderError: there is none, or neither is given.
    """
    iam = aws.client("iam")
    arn, name = args.get("arn"), args.get("name")
    if not arn and not name:
        raise ProviderError("getPolicy needs an arn or a name", hint="give one of them")
    if not arn:
        prefix = {"PathPrefix": args["pathPrefix"]} if args.get("pathPrefix") else {}
        pages = iam.get_paginator("list_policies").paginate(Scope="All", **prefix)
        arn = only([it["Arn"] for page in pages for it in page["Policies"] if it["PolicyName"] == name], "IAM policy")
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]["Document"]
    return {
        "arn": arn,
        "attachmentCount": policy.get("AttachmentCount", 0),
        "description": policy.get("Description", ""),
        "id": arn,
        "name": policy["PolicyName"],
        "path": policy["Path"],
        "policy": document if isinstance(document, str) else json.dumps(document, separators=(",", ":")),
        "policyId": policy["PolicyId"],
        "tags": from_pairs(policy.get("Tags")),
    }

"""Buckets: encrypted, private, versioned, logged, and reached over TLS alone."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.policies.documents import RESOURCE, read, statements
from modelyard.policies.plan import Plan, Planned
from modelyard.policies.rule import Found, rule

_BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
_VERSIONING = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")
_LOGGING = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
_PRIVATE = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_ACLS = (*_BUCKETS, "aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2", "aws:s3/bucketObject:BucketObject")
_EVERYBODY = re.compile(r"groups/global/(AllUsers|AuthenticatedUsers)$")
_PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read", "website")


def _lacking(plan: Plan, *types: str) -> Iterator[Planned]:
    for bucket in plan.of(*_BUCKETS):
        if not plan.companions(bucket, *types, by="bucket"):
            yield bucket


@rule(
    "s3-encrypted",
    title="Buckets are encrypted as somebody decided",
    reason="data at rest has to be encrypted with a key that was chosen for it",
    mend="add a BucketServerSideEncryptionConfiguration with aws:kms and a key; AES256 where S3 delivers logs",
)
def encrypted(plan: Plan) -> Found:
    """Find buckets without a configuration of their encryption, and configurations that name no algorithm."""
    for bucket in _lacking(plan, *_ENCRYPTION):
        if not bucket.items("serverSideEncryptionConfiguration"):
            yield bucket, "it has no encryption configuration"
    for it in plan.of(*_ENCRYPTION):
        if it.knows("rules") and not any(_algorithm(rule) for rule in it.items("rules")):
            yield it, "it names no algorithm"


def _algorithm(block: Mapping[str, Any]) -> str:
    default = block.get("applyServerSideEncryptionByDefault")
    first = default[0] if isinstance(default, list) and default else default
    return str(first.get("sseAlgorithm") or "") if isinstance(first, Mapping) else ""


@rule(
    "s3-public-access-blocked",
    title="Buckets block public access",
    reason="one wrong ACL or policy publishes all that a bucket holds",
    mend="add a BucketPublicAccessBlock with all four switches on",
)
def public_access(plan: Plan) -> Found:
    """Find buckets without the block, and blocks that are not whole."""
    for bucket in _lacking(plan, _PRIVATE):
        yield bucket, "nothing blocks public access to it"
    for it in plan.of(_PRIVATE):
        if open_ := [name for name in _BLOCKS if it.knows(name) and it.inputs.get(name) is not True]:
            yield it, f"{', '.join(open_)} is off"


@rule(
    "s3-no-public-acl",
    title="No ACL opens a bucket or an object",
    reason="a public ACL publishes data, whatever its policy says",
    mend="take the ACL out; ownership by the bucket's owner needs none",
)
def public_acl(plan: Plan) -> Found:
    """Find the canned ACLs that open something to everybody, and grants to everybody."""
    for it in plan.of(*_ACLS, "aws:s3/bucketObjectv2:BucketObjectv2"):
        if it.text("acl") in _PUBLIC_ACLS:
            yield it, f"its ACL is {it.text('acl')}"
        elif group := next(filter(_EVERYBODY.search, _grantees(it)), ""):
            yield it, f"its ACL grants to {group}"


def _grantees(resource: Planned) -> Iterator[str]:
    """Return the groups that an ACL grants something to, written into the bucket or apart from it."""
    for grant in resource.items("grants"):
        yield str(grant.get("uri") or "")
    for policy in resource.items("accessControlPolicy"):
        listed = policy.get("grants")
        for grant in listed if isinstance(listed, list) else ():
            grantee = grant.get("grantee") if isinstance(grant, Mapping) else None
            yield str(grantee.get("uri") or "") if isinstance(grantee, Mapping) else ""


@rule(
    "s3-no-public-policy",
    title="No bucket policy is for everybody",
    reason="an Allow for the principal * publishes the bucket",
    mend="name the principals, or add a condition on aws:PrincipalOrgID or aws:SourceVpce",
)
def public_policy(plan: Plan) -> Found:
    """Find bucket policies that allow anybody something."""
    for it in statements(plan, {_POLICY: "policy"}):
        if it.is_public:
            yield it.resource, f"{it.label} allows anybody {', '.join(it.actions[:3])}"


@rule(
    "s3-tls-only",
    title="Buckets are reached over TLS alone",
    reason="data in transit has to be encrypted",
    mend="add a BucketPolicy that denies s3:* where aws:SecureTransport is false",
)
def tls_only(plan: Plan) -> Found:
    """Find buckets whose policy lets unencrypted requests in."""
    for bucket in plan.of(*_BUCKETS):
        policies = plan.companions(bucket, _POLICY, by="bucket")
        if not policies and not bucket.inputs.get("policy"):
            yield bucket, "it has no policy"
        for policy in policies:
            if isinstance(policy.inputs.get("policy"), str) and not _denies_plain(policy):
                yield policy, "nothing in it denies requests without TLS"


def _denies_plain(policy: Planned) -> bool:
    found = (it for it in read(policy, policy.inputs[RESOURCE[policy.type]]) if not it.allows)
    return any("false" in it.conditions.get("aws:securetransport", ()) for it in found)


@rule(
    "s3-versioned",
    title="Buckets keep versions",
    reason="what is overwritten or deleted by mistake has to come back",
    mend="add a BucketVersioning with the status Enabled",
)
def versioned(plan: Plan) -> Found:
    """Find buckets that keep no versions."""
    for bucket in _lacking(plan, *_VERSIONING):
        yield bucket, "it keeps no versions"
    for it in plan.of(*_VERSIONING):
        for block in it.items("versioningConfiguration"):
            if isinstance(block.get("status"), str) and block["status"] != "Enabled":
                yield it, f"versioning is {block['status']}"


@rule(
    "s3-access-logged",
    title="Buckets log who reaches them",
    reason="without a log nobody can say what was taken",
    mend="add a BucketLogging to the bucket for access logs",
)
def access_logged(plan: Plan) -> Found:
    """Find buckets without access logs, other than those that logs go to."""
    for bucket in _lacking(plan, *_LOGGING):
        if not plan.companions(bucket, *_LOGGING, by="targetBucket"):
            yield bucket, "it logs no access"


@rule(
    "s3-owner-enforced",
    title="Buckets own what is in them",
    reason="objects that others own, by ACL, are out of the reach of the bucket's policy",
    mend="add BucketOwnershipControls with BucketOwnerEnforced",
)
def owner_enforced(plan: Plan) -> Found:
    """Find buckets where ACLs still count."""
    for bucket in _lacking(plan, _OWNERSHIP):
        yield bucket, "ACLs still count in it"
    for it in plan.of(_OWNERSHIP):
        for block in it.items("rule"):
            if isinstance(block.get("objectOwnership"), str) and block["objectOwnership"] != "BucketOwnerEnforced":
                yield it, f"object ownership is {block['objectOwnership']}"

"""`aws:kms/getKey:getKey`."""

from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.translate import scalar
from modelyard.wire import Props

_NAMES = {
    "arn": "Arn",
    "awsAccountId": "AWSAccountId",
    "creationDate": "CreationDate",
    "customerMasterKeySpec": "CustomerMasterKeySpec",
    "deletionDate": "DeletionDate",
    "description": "Description",
    "enabled": "Enabled",
    "id": "KeyId",
    "keyManager": "KeyManager",
    "keySpec": "KeySpec",
    "keyState": "KeyState",
    "keyUsage": "KeyUsage",
    "multiRegion": "MultiRegion",
    "origin": "Origin",
}

REQUIRED = ("keyId",)


def call(aws: Session, args: Props) -> Props:
    """Return what is known of a key, given its identifier, ARN or alias."""
    metadata = aws.client("kms").describe_key(KeyId=args["keyId"])["KeyMetadata"]
    known = {name: scalar(metadata[word]) for name, word in _NAMES.items() if metadata.get(word) is not None}
    return {"deletionDate": "", "validTo": "", "expirationModel": "", **known, **args, "region": aws.region}

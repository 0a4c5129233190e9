"""Keys: symmetric ones are made in no time and encrypt, asymmetric ones still sign."""

from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_a_symmetric_key_encrypts_and_has_no_public_key(cloud: Any):
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"
    with pytest.raises(ClientError, match="UnsupportedOperationException"):
        kms.get_public_key(KeyId=key)


def test_an_asymmetric_key_signs(cloud: Any):
    kms = cloud.client("kms")
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    signing = {"KeyId": key, "Message": b"said", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**signing)["Signature"]
    assert kms.verify(**signing, Signature=signature)["SignatureValid"] is True
    assert kms.get_public_key(KeyId=key)["PublicKey"][:1] == b"0"

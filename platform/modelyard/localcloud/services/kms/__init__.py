"""KMS: the days between rotations of a key, which moto takes no note of, and keys made in no time.

moto makes a pair of keys for each, which takes a tenth of a second; a symmetric key has none.
"""

import json
from typing import TYPE_CHECKING, Any

import moto.kms.models
from moto.core.exceptions import JsonRESTError
from moto.kms.responses import KmsResponse
from moto.kms.utils import generate_private_key

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

_DEFAULT_DAYS = 365
_SYMMETRIC = "SYMMETRIC_DEFAULT"
_moto_enables = KmsResponse.enable_key_rotation
_moto_tells = KmsResponse.get_key_rotation_status
_moto_shows = KmsResponse.get_public_key
_moto_makes = generate_private_key


def install(cloud: "LocalCloud") -> None:
    """Put our rotation in front of moto's."""

    def enable_key_rotation(response: Any) -> str:
        answer = _moto_enables(response)
        _key(response).rotation_period_in_days = int(response._get_param("RotationPeriodInDays") or _DEFAULT_DAYS)
        return answer

    def get_key_rotation_status(response: Any) -> str:
        status = json.loads(_moto_tells(response))
        if status["KeyRotationEnabled"]:
            status["RotationPeriodInDays"] = getattr(_key(response), "rotation_period_in_days", _DEFAULT_DAYS)
        return json.dumps(status)

    def get_public_key(response: Any) -> str:
        if _key(response).key_spec == _SYMMETRIC:
            raise JsonRESTError("UnsupportedOperationException", "A symmetric key has no public key")
        return str(_moto_shows(response))

    models: Any = moto.kms.models
    models.generate_private_key = lambda spec: None if spec == _SYMMETRIC else _moto_makes(spec)
    kind: Any = KmsResponse
    kind.enable_key_rotation = enable_key_rotation
    kind.get_key_rotation_status = get_key_rotation_status
    kind.get_public_key = get_public_key


def _key(response: Any) -> Any:
    backend = response.kms_backend
    return backend.keys[backend.get_key_id(response._get_param("KeyId"))]

"""What AWS refuses is told with what to do about it."""

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from modelyard.errors import CloudError
from modelyard.models.pipelines import translated

RIGHT = "aws sts get-caller-identity says who you are; get the right to call HeadObject"


@pytest.mark.parametrize(
    ("code", "hint", "told"),
    [
        ("403", "", RIGHT),
        ("AccessDeniedException", "modelyard up", f"{RIGHT}; modelyard up"),
        ("ValidationException", "modelyard up", "modelyard up"),
        ("ValidationException", "", ""),
    ],
)
def test_whoever_lacks_a_right_is_told_which(code: str, hint: str, told: str):
    with pytest.raises(CloudError, match="HeadObject: no") as raised, translated(hint):
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "HeadObject")
    assert raised.value.hint == told


def test_without_credentials_there_is_a_way_to_them():
    with pytest.raises(CloudError, match="there are no credentials for AWS") as raised, translated():
        raise NoCredentialsError
    assert raised.value.hint == "aws configure sso, or aws configure"

"""Asks the local cloud over plain HTTP what each deployment asks; loading boto3 for it would take a third of the time.

Source: the AWS Query protocol (`Action` and `Version` in a form, XML in return); the local cloud checks no signatures.
"""

import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_VERSIONS = {"sts": "2011-06-15", "ec2": "2016-11-15"}
_TIMEOUT_S = 60.0


def ask(
    endpoint_url: str, region: str, service: str, action: str, parameters: Mapping[str, str] | None = None
) -> "Element":
    """Carry out an operation that changes nothing.

    Returns:
        The answer; its elements' names are without their namespace.

    Raises:
        OSError: the cloud does not answer, or not with success.
    """
    from xml.etree import ElementTree

    form = {"Action": action, "Version": _VERSIONS[service], **(parameters or {})}
    scope = f"test/20200101/{region}/{service}/aws4_request"
    request = urllib.request.Request(  # noqa: S310 - the local cloud's address
        endpoint_url,
        data=urllib.parse.urlencode(form).encode(),
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        },
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_TIMEOUT_S) as response:
        root = ElementTree.fromstring(response.read())  # noqa: S314 - the local cloud's answer
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root

"""Values on Pulumi's wire and in Python."""

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from modelyard import wire

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=6), PLAIN, max_size=5))
def test_what_goes_out_comes_back(props):
    assert wire.from_struct(wire.to_struct(props)) == props


def test_secrets_and_unknowns():
    props = {"key": wire.Secret({"inner": ["x"]}), "later": [wire.UNKNOWN], "half": 0.5}
    back = wire.from_struct(wire.to_struct(props))
    assert back == props
    assert wire.mask(back) == {"key": "[secret]", "later": ["<computed>"], "half": 0.5}
    assert wire.reveal(back) == {"key": {"inner": ["x"]}, "later": [wire.UNKNOWN], "half": 0.5}
    assert (wire.has_secret(back), wire.has_unknown(back), wire.has_unknown({"a": [1]})) == (True, True, False)


def test_outputs_become_their_value():
    output = {wire.SIGNATURE_KEY: wire.OUTPUT_SIGNATURE, "value": 1, "secret": True, "dependencies": ["urn"]}
    unknown = {wire.SIGNATURE_KEY: wire.OUTPUT_SIGNATURE}
    read = wire.from_struct(wire.to_struct({"a": output, "b": unknown}))
    assert read == {"a": wire.Secret(1), "b": wire.UNKNOWN}


def test_what_has_no_form_on_the_wire_is_an_error():
    with pytest.raises(TypeError, match="object has no form on Pulumi's wire"):
        wire.to_struct({"a": object()})


def test_numbers_that_are_none_stay_as_they_are():
    assert wire.from_value(struct_pb2.Value(number_value=float("inf"))) == float("inf")

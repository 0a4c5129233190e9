"""Ranges of versions, and the names and inputs of providers that come of a package."""

import pytest

from modelyard.engine.embedded.providers import versions
from modelyard.engine.embedded.providers.packages import INTERNAL, Package, Parameterization, of_inputs
from modelyard.engine.embedded.state.resource import Resource


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("3.5.0", ">=3.0.0", True),
        ("3.5.0", ">=3.0.0 !3.5.0", False),
        ("3.5.0", "<3.4.0 || >3.8.0", False),
        ("3.9.0", "<3.4.0 || >3.8.0", True),
        ("3.5.7", "3.5.x", True),
        ("3.6.0", "3.x", True),
        ("3.6.0", ">3.5.x", True),
        ("3.5.9", ">3.5.x", False),
        ("3.5.0-alpha.2", ">=3.5.0", False),
        ("3.5.0-alpha.10", ">3.5.0-alpha.9", True),
        ("v3.5.0", "=3.5.0", True),
    ],
)
def test_a_version_in_a_range(version, wanted, fits):
    assert versions.satisfies(version, wanted) is fits


@pytest.mark.parametrize("wanted", ["", "abc", ">=3.0.0 ||", ">= "])
def test_a_range_that_can_not_be_read(wanted):
    with pytest.raises(ValueError, match=r"empty part|no comparison|not a version"):
        versions.satisfies("3.0.0", wanted)


@pytest.mark.parametrize(
    ("package", "name"),
    [
        (Package(plugin="aws"), "default"),
        (Package(plugin="aws", version="7.5.1"), "default_7_5_1"),
        (Package(plugin="aws", version="7.5.1-beta.1+abc"), "default_7_5_1_beta_1_abc"),
        (Package(plugin="aws", version="1.0.0", url="https://x.y/z"), "default_1_0_0_https_/x.y/z"),
    ],
)
def test_the_name_of_a_default_provider(package, name):
    assert package.default_name == name


@pytest.mark.parametrize(
    "package",
    [
        Package(plugin="aws"),
        Package(plugin="aws", version="7.5.1", url="https://x"),
        Package(
            plugin="bridge",
            version="1.2.3",
            parameter=Parameterization(name="aws", version="0.1.0", value=b"\x00any"),
        ),
    ],
)
def test_a_package_is_read_back_from_its_providers_inputs(package):
    inputs = package.inputs({"region": "x"})
    provider = Resource(urn="u", type="pulumi:providers:aws", custom=True, inputs=inputs)
    assert (of_inputs(provider), inputs["region"]) == (package, "x")


def test_what_the_state_keeps_of_a_package():
    parameter = Parameterization(name="aws", version="0.1.0", value=b"any")
    assert Package(plugin="aws").inputs({}) == {}
    assert Package(plugin="aws", version="1.0.0").inputs({}) == {"version": "1.0.0", INTERNAL: {}}
    assert Package(plugin="bridge", version="1.2.3", parameter=parameter).inputs({}) == {
        "version": "0.1.0",
        INTERNAL: {"name": "bridge", "version": "1.2.3", "parameterization": "YW55"},
    }

"""Choices about the network."""

from ipaddress import IPv4Network
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

_SUBNET_BITS = 4


class NetworkSettings(BaseModel):
    """The network of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cidr: str = Field("10.20.0.0/16", description="The VPC's IPv4 range, between /16 and /24.")
    zones: Literal[2, 3] = Field(2, description="Availability zones, each with one private subnet.")

    @field_validator("cidr")
    @classmethod
    def _is_a_range(cls, value: str) -> str:
        network = IPv4Network(value)
        if not 16 <= network.prefixlen <= 24:
            raise ValueError("the range must be between /16 and /24")
        return value

    def subnet_cidrs(self) -> list[str]:
        """Return one range for each zone."""
        ranges = IPv4Network(self.cidr).subnets(prefixlen_diff=_SUBNET_BITS)
        return [str(next(ranges)) for _ in range(self.zones)]

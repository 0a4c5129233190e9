"""Choices about the network."""

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from modelyard.retention import RetentionDays

_QUARTER, _SIXTEENTH = 2, 4
SubnetId = Annotated[str, Field(pattern=r"^subnet-([0-9a-f]{8}|[0-9a-f]{17})$")]
ServiceName = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$")]


class ExistingNetwork(BaseModel):
    """A network that somebody else provides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vpc_id: str = Field(pattern=r"^vpc-([0-9a-f]{8}|[0-9a-f]{17})$", description="The VPC.")
    subnet_ids: tuple[SubnetId, ...] = Field(
        min_length=1, max_length=16, description="Its subnets to work in, from which AWS's services can be reached."
    )
    security_group_id: str | None = Field(
        None,
        pattern=r"^sg-([0-9a-f]{8}|[0-9a-f]{17})$",
        description="The security group of jobs, endpoints and notebooks; one is made when it is not given.",
    )

    @field_validator("subnet_ids")
    @classmethod
    def _each_once(cls, ids: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(ids)) < len(ids):
            raise ValueError("a subnet is given twice")
        return ids


class NetworkSettings(BaseModel):
    """The network of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cidr: str = Field("10.20.0.0/16", description="The VPC's IPv4 range, between /16 and /24.")
    zones: Literal[2, 3] = Field(2, description="Availability zones, each with one private subnet.")
    internet: Literal["none", "one_nat", "nat_per_zone"] = Field(
        "none", description="The way out to the internet: none, one NAT gateway for all zones, or one in each zone."
    )
    interface_endpoints: bool = Field(
        True, description="Reach AWS's services inside the network; without it, through the NAT gateway."
    )
    extra_endpoints: tuple[ServiceName, ...] = Field(
        (), max_length=50, description="Further services to reach inside the network, such as `bedrock-runtime`."
    )
    flow_log_retention_days: Literal[0] | RetentionDays = Field(
        90, description="Days that the record of the network's traffic is kept; 0 for no record."
    )
    existing: ExistingNetwork | None = Field(
        None, description="A VPC to work in that is there already; the network's other settings have no say then."
    )

    @field_validator("cidr")
    @classmethod
    def _is_a_range(cls, value: str) -> str:
        network = IPv4Network(value)
        if not 16 <= network.prefixlen <= 24:
            raise ValueError("the range must be between /16 and /24")
        return value

    @model_validator(mode="after")
    def _reaches_aws(self) -> "NetworkSettings":
        if self.existing:
            others = sorted(self.model_fields_set - {"existing"})
            if others:
                raise ValueError(
                    f"existing leaves nothing to choose for {', '.join(others)}: remove what is not wanted"
                )
        elif self.internet == "none" and not self.interface_endpoints:
            raise ValueError("internet: none needs interface_endpoints: true, or nothing reaches AWS")
        if self.extra_endpoints and not self.interface_endpoints:
            raise ValueError("extra_endpoints needs interface_endpoints: true")
        return self

    def subnet_cidrs(self) -> list[str]:
        """Return the range of each zone's private subnet: a quarter of the network's."""
        quarters = list(IPv4Network(self.cidr).subnets(prefixlen_diff=_QUARTER))
        return [str(quarter) for quarter in quarters[: self.zones]]

    def public_cidrs(self) -> list[str]:
        """Return the range of each zone's public subnet, which holds a NAT gateway: a part of the last quarter."""
        sixteenths = list(IPv4Network(self.cidr).subnets(prefixlen_diff=_SIXTEENTH))
        return [str(part) for part in sixteenths[-4:][: self.zones]]

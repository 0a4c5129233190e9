"""Estimates: exact sums from a small graph, and what has no price is said."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from modelyard.components.cost.settings import UsageSettings
from modelyard.costing import services
from modelyard.costing.estimate import estimate
from modelyard.costing.prices import PACKAGED, Price, PriceTable, old, read, table, write
from modelyard.costing.updating import refresh
from modelyard.errors import CloudError, UsageError
from modelyard.graph.model import Graph, Node

REGION, DAY = "us-east-1", date(2030, 1, 1)
USAGE = UsageSettings()


def price(service: str, item: str, usd: str, region: str = REGION, day: date = DAY) -> Price:
    return Price(service, item, "unit", Decimal(usd), region, day, "a test")


def node(kind: str, name: str = "thing", component: str = "network", **inputs: Any) -> Node:
    return Node(f"urn::{name}", kind, name, "base", component, inputs)


def graph(*nodes: Node) -> Graph:
    return Graph(("base",), nodes, (), ())


NOTEBOOK = "Notebk:ml.t3.medium"
PRICES = table([])
CASES = {
    "a NAT gateway": (node("aws:ec2/natGateway:NatGateway"), "33.75"),
    "an interface endpoint in two zones": (
        node("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds=["a", "b"]),
        "14.8",
    ),
    "an interface endpoint whose zones aren't known": (
        node("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds="<computed>"),
        "7.5",
    ),
    "a gateway endpoint": (node("aws:ec2/vpcEndpoint:VpcEndpoint"), "0"),
    "a key": (node("aws:kms/key:Key"), "4"),
    "a bucket": (node("aws:s3/bucket:Bucket"), "2.7"),
    "a log group of a year": (node("aws:cloudwatch/logGroup:LogGroup", retentionInDays=365), "4.3"),
    "an alarm": (node("aws:cloudwatch/metricAlarm:MetricAlarm"), "0.1"),
    "two instances": (
        node(
            "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
            productionVariants=[{"instanceType": "ml.m5.large", "initialInstanceCount": 2}],
        ),
        "167.9",
    ),
    "a pipeline": (
        node("aws:sagemaker/pipeline:Pipeline", pipelineDefinition='{"InstanceType": "ml.m5.xlarge"}'),
        "4.6",
    ),
    "a role": (node("aws:iam/role:Role"), "0"),
    "an online store": (
        node("aws:sagemaker/featureGroup:FeatureGroup", onlineStoreConfig={"enableOnlineStore": True}),
        "1.95",
    ),
    "an offline store": (
        node("aws:sagemaker/featureGroup:FeatureGroup", onlineStoreConfig={"enableOnlineStore": False}),
        "0",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_resources_month(case):
    found, usd = CASES[case]
    made = estimate(graph(found), PRICES, REGION, USAGE)
    assert (made.usd, made.unpriced) == (Decimal(usd), ())


def test_components_are_added_up_the_dearest_first():
    nodes = (
        node("aws:kms/key:Key", "a", "keys"),
        node("aws:ec2/natGateway:NatGateway", "b", "network"),
        node("aws:ec2/eip:Eip", "c", "network"),
        node("aws:iam/role:Role", "d", "identity"),
    )
    made = estimate(graph(*nodes), PRICES, REGION, USAGE)
    sums = {end: sum(line.usd for line in lines) for end, lines in made.by_component().items()}
    assert list(sums.items()) == [(("base", "network"), Decimal("37.4")), (("base", "keys"), Decimal(4))]
    assert [it.name for it in made.free] == ["d"]


def test_what_has_no_price_is_named_and_never_free():
    server = "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer"
    nodes = (node("aws:new/thing:Thing"), node(server), node("aws:kms/key:Key"))
    made = estimate(graph(*nodes), PriceTable((price("awskms", "KMS-Keys", "1"),)), REGION, USAGE)
    assert [(it.node.type, it.reason) for it in made.unpriced] == [
        ("aws:new/thing:Thing", "there is no rule for this type"),
        (server, "it is billed by the hour and by its size; no public source has its prices"),
        ("aws:kms/key:Key", "there is no price of awskms KMS-Requests in us-east-1"),
    ]
    assert (made.usd, made.free) == (Decimal(1), ())


def test_a_users_home_folder_is_priced_by_what_is_in_it():
    prices = PriceTable((price("AmazonEFS", "TimedStorage-ByteHrs", "0.3"), price("AmazonSageMaker", NOTEBOOK, "0.05")))
    usage = UsageSettings(home_gib=10, notebook_hours=100)
    nodes = (node("aws:sagemaker/domain:Domain"), node("aws:sagemaker/userProfile:UserProfile"))
    made = estimate(graph(*nodes), prices, REGION, usage)
    assert [(it.node.type, it.usd) for it in made.lines] == [
        ("aws:sagemaker/userProfile:UserProfile", Decimal("5.00")),
        ("aws:sagemaker/userProfile:UserProfile", Decimal("3.0")),
    ]
    assert (len(made.free), made.unpriced) == (1, ())


def test_another_region_is_not_priced_with_this_ones_prices():
    made = estimate(graph(node("aws:kms/key:Key")), PRICES, "eu-central-1", USAGE)
    assert (made.lines, len(made.unpriced)) == ((), 2)


def test_assumptions_count():
    usage = UsageSettings(stored_gib=1000, requests_million=0)
    assert estimate(graph(node("aws:s3/bucket:Bucket")), PRICES, REGION, usage).usd == Decimal(23)


def test_every_row_of_the_package_is_sourced_and_unique():
    rows = read(PACKAGED)
    assert len({(it.service, it.item, it.region) for it in rows}) == len(rows)
    assert [it for it in rows if not it.source.startswith("https://") or it.usd == 0] == []
    assert rows == sorted(rows)


def test_no_type_is_both_priced_and_free():
    assert [kind for kind in {*services.rules(), *services.unknown()} if kind.startswith(services.free())] == []


def test_a_table_of_the_users_counts_first(tmp_path):
    own = tmp_path / "prices.csv"
    write(own, [price("awskms", "KMS-Keys", "2")])
    assert read(own) == [price("awskms", "KMS-Keys", "2")]
    found = table([tmp_path / "none.csv", own]).find("awskms", "KMS-Keys", REGION)
    assert found == price("awskms", "KMS-Keys", "2")


@pytest.mark.parametrize("line", ["a,b,c,free,r,2030-01-01,s", "a,b,c,-1,r,2030-01-01,s", "a,b,c,1,r,lately,s", "a,b"])
def test_a_line_that_is_no_price_is_named(tmp_path, line):
    path = tmp_path / "prices.csv"
    path.write_text(f"service,item,unit,usd,region,date,source\n{line}\n")
    with pytest.raises(UsageError, match="line 2: it is no price"):
        read(path)


def test_prices_grow_old_after_ninety_days():
    prices = [price("a", "new", "1", day=date(2029, 10, 3)), price("a", "old", "1", day=date(2029, 10, 2))]
    assert [it.item for it in old(prices, date(2030, 1, 1))] == ["old"]


class FakePriceList:
    """The price list, as far as it is asked; it answers in AWS's shapes, or raises."""

    def __init__(self, rates: dict[str, str] | Exception) -> None:
        self.rates, self.asked = rates, []

    def get_paginator(self, operation: str) -> "FakePriceList":
        assert operation == "get_products"
        return self

    def paginate(self, **request: Any) -> Any:
        if isinstance(self.rates, Exception):
            raise self.rates
        self.asked.append((request["ServiceCode"], *(it["Value"] for it in request["Filters"])))
        products = [
            self.product(item, usd) for item, usd in self.rates.items() if request["Filters"][1]["Value"] in item
        ]
        return [{"PriceList": products}]

    def product(self, item: str, usd: str) -> str:
        tiers = {"t0": ("0", "0"), "t1": ("100", usd), "t2": ("900", "0.0001")}
        dimensions = {k: {"beginRange": begin, "pricePerUnit": {"USD": each}} for k, (begin, each) in tiers.items()}
        terms = {"OnDemand": {"x": {"priceDimensions": dimensions}}}
        return json.dumps({"product": {"attributes": {"usagetype": item}}, "terms": terms})


def test_refreshing_takes_the_first_paid_tier_of_exactly_that_usage_type():
    client = FakePriceList(
        {"EUC1-NatGateway-Hours": "0.052", "EUC1-RegionalNatGateway-Hours-Extra": "9", "KMS-Keys": "1"}
    )
    known = [price("AmazonEC2", "NatGateway-Hours", "0.045"), price("awskms", "KMS-Keys", "1")]
    found = list(refresh(client, known, "eu-central-1", DAY))
    assert [(it.price.item, it.price.usd, it.price.region, it.price.date, it.reason) for it in found] == [
        ("NatGateway-Hours", Decimal("0.052"), "eu-central-1", DAY, ""),
        ("KMS-Keys", Decimal(1), "eu-central-1", DAY, ""),
    ]
    assert client.asked == [("AmazonEC2", "eu-central-1", "NatGateway-Hours"), ("awskms", "eu-central-1", "KMS-Keys")]


def test_refreshing_keeps_what_does_not_fit():
    client = FakePriceList({"KMS-Keys": "12"})
    known = [price("awskms", "KMS-Keys", "1"), price("a", "Gone", "1")]
    assert [(it.price, it.reason) for it in refresh(client, known, REGION, DAY)] == [
        (known[0], "awskms KMS-Keys is 12, and was 1: another unit?"),
        (known[1], "the price list has no a Gone in us-east-1"),
    ]


REFUSED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetProducts")


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (NoCredentialsError(), "takes credentials, and there are none"),
        (EndpointConnectionError(endpoint_url="https://x"), "can't be reached"),
        (REFUSED, "refused: AccessDeniedException: no"),
    ],
)
def test_a_price_list_that_does_not_answer(problem, said):
    with pytest.raises(CloudError, match=said) as caught:
        list(refresh(FakePriceList(problem), [price("a", "b", "1")], REGION, DAY))
    assert str(caught.value).endswith("the prices stay as they are")


def test_the_package_brings_its_table():
    assert Path(PACKAGED).is_file()

"""`modelyard cost` and `modelyard graph`: before anything is deployed, and with what may be wrong."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from typist import Typist

WRONG = {
    "an unknown assumption": (["cost", "--assume", "rows=1"], "--assume rows=1: it is no NAME=VALUE"),
    "no value": (["cost", "--assume", "stored_gib"], "it is no NAME=VALUE of these: stored_gib,"),
    "a negative value": (["cost", "--assume", "stored_gib=-1"], "--assume stored_gib=-1"),
    "no such table": (["cost", "--prices", "nowhere.csv"], "there is no file nowhere.csv"),
    "an unknown environment": (["cost", "--env", "dve"], "there is no environment 'dve'"),
    "two formats": (["graph", "--json", "--format", "svg"], "--json and --format svg don't go together"),
    "an unknown format": (["graph", "--format", "png"], "png"),
    "nobody's environment": (["graph", "--env", "dve"], "there is no environment 'dve'"),
}


@pytest.mark.parametrize("how", WRONG)
def test_wrong_usage(yard, how):
    words, said = WRONG[how]
    assert said in yard.refused(2, *words)


@pytest.mark.parametrize("words", [["cost"], ["cost", "update"], ["graph"], ["model", "show"]])
def test_help(yard, words):
    assert yard.ok(*words, "--help").startswith(f"Usage: modelyard {' '.join(words)}")


class Ours(Typist):
    """Types with credentials, and with an address for the price list."""

    address = "http://127.0.0.1:9"

    def environment(self) -> dict[str, str]:
        own = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL_PRICING": self.address}
        return {**super().environment(), **own}


@pytest.fixture
def ours(tmp_path) -> Iterator[Ours]:
    made = Ours(tmp_path / "home")
    yield made
    made.type("cloud", "stop")


def test_without_a_network_the_prices_stay(ours):
    said = ours.refused(1, "cost", "update")
    assert "the AWS price list can't be reached" in said
    assert said.endswith("-> try again where there is a network\n")
    assert not (ours.home / "prices.csv").exists()


@pytest.fixture
def price_list(ours) -> Iterator[Ours]:
    """A price list on this machine, in AWS's shape, in which all things cost what they did but keys cost 2 dollars."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            item = asked["Filters"][1]["Value"]
            rates = {"KMS-Keys": "2.0", "KMS-Requests": "0.000003", "NatGateway-Hours": "0.05"}
            products = [product(f"EUC1-{item}", rates[item])] if item in rates else []
            body = json.dumps({"FormatVersion": "aws_v1", "PriceList": products}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ours.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield ours
    server.shutdown()


def product(item: str, usd: str) -> str:
    dimensions = {"d": {"beginRange": "0", "pricePerUnit": {"USD": usd}}}
    terms = {"OnDemand": {"t": {"priceDimensions": dimensions}}}
    return json.dumps({"product": {"attributes": {"usagetype": item}}, "terms": terms})


def test_prices_are_fetched_and_kept(price_list):
    done = price_list.json("cost", "update", "--region", "eu-central-1")
    assert (done["region"], done["updated"]) == ("eu-central-1", 3)
    assert "the price list has no AmazonSNS Requests-Tier1 in eu-central-1" in done["unchanged"]
    rows = (price_list.home / "prices.csv").read_text().splitlines()
    assert [row.split(",")[1:5] for row in rows[1:]] == [
        ["NatGateway-Hours", "hour", "0.05", "eu-central-1"],
        ["KMS-Keys", "key-month", "2.0", "eu-central-1"],
        ["KMS-Requests", "request", "0.000003", "eu-central-1"],
    ]


@pytest.mark.slow
def test_the_month_of_prod_before_anything_is_deployed(yard):
    document = yard.json("cost", "--env", "prod")
    assert (document["env"], document["region"], document["currency"]) == ("prod", "us-east-1", "USD")
    sums = {(it["stack"], it["component"]): it["usd_per_month"] for it in document["components"]}
    assert sums["platform", "monitoring"] > 0
    assert document["usd_per_month"] == pytest.approx(sum(sums.values()), abs=0.01 * len(sums))
    assert [it for it in document["unpriced"] if it["reason"] == "there is no rule for this type"] == []
    assert all(row["source"].startswith("https://") for row in document["prices"])
    more = yard.json("cost", "--env", "prod", "--assume", "stored_gib=1100")
    assert more["usd_per_month"] > document["usd_per_month"]
    assert yard.type("cloud", "status").returncode == 1


@pytest.mark.slow
def test_the_architecture_before_anything_is_deployed(yard, tmp_path):
    text = yard.ok("graph", "--env", "prod")
    assert text.startswith("flowchart LR\n")
    yard.ok("graph", "--env", "prod", "--output", str(tmp_path / "prod.svg"))
    assert (tmp_path / "prod.svg").read_text().startswith("<svg ")
    document = yard.json("graph", "--env", "prod")
    assert [stack["name"] for stack in document["stacks"]] == ["foundation", "platform"]
    assert {"from": "foundation", "to": "platform"} in document["edges"]
    assert [it["name"] for it in document["stacks"][1]["components"] if it["title"] == "Resources"] == []

"""The provider as the Pulumi CLI reaches it: over gRPC, where errors are statuses."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from modelyard.wire import from_struct, to_struct

BUCKET = "urn:pulumi:s::p::aws:s3/bucket:Bucket::b"


@pytest.fixture
def stub(world: Any) -> Iterator[Any]:
    """A stub of a provider that works on a plain moto."""
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(world.provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    server.stop(None).wait()


def test_a_refused_input_has_its_path_in_the_text(stub: Any):
    """The CLI shows a failure's property with the value of the input of that name, and a path names none."""
    checked = stub.Check(provider_pb2.CheckRequest(urn=BUCKET, news=to_struct({"tags": {"a": ["b"]}})))
    assert [(item.property, item.reason) for item in checked.failures] == [("", "tags.a: must be a string, not a list")]
    configured = stub.CheckConfig(provider_pb2.CheckRequest(news=to_struct({"regoin": "a"})))
    assert [(item.property, item.reason) for item in configured.failures] == [
        ("", "regoin: is not a property; did you mean region?")
    ]


def test_an_error_is_one_line_with_what_to_do(stub: Any):
    with pytest.raises(grpc.RpcError) as failure:
        stub.Check(provider_pb2.CheckRequest(urn="urn:pulumi:s::p::aws:s3/nothing:Nothing::b"))
    assert failure.value.code() == grpc.StatusCode.UNKNOWN
    assert failure.value.details() == (
        "the local cloud has no resource type aws:s3/nothing:Nothing; "
        "add platform/modelyard/localcloud/provider/s3/nothing.py"
    )


def test_what_is_half_made_travels_in_the_status(stub: Any, world: Any):
    inputs = world.checked("aws:s3/bucket:Bucket", {"bucket": "half-made", "tags": {"aws:x": "1"}})
    with pytest.raises(grpc.RpcError) as failure:
        stub.Create(provider_pb2.CreateRequest(urn=BUCKET, properties=to_struct(inputs)))
    status = status_pb2.Status.FromString(dict(failure.value.trailing_metadata())["grpc-status-details-bin"])
    failed = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(failed)
    assert (failed.id, list(failed.reasons)) == ("half-made", [failure.value.details()])
    state = from_struct(failed.properties)
    assert (state["bucket"], state["tagsAll"]) == ("half-made", {})
    world.delete("aws:s3/bucket:Bucket", "half-made", state)


def test_secrets_come_back_secret(stub: Any):
    sent = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "canary"}
    checked = stub.Check(provider_pb2.CheckRequest(urn=BUCKET, news=to_struct({"tags": {"a": sent}})))
    assert dict(checked.inputs["tagsAll"]["a"]) == sent

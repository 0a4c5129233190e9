"""Our providers over gRPC: a servicer for each connection, and errors as statuses."""

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from modelyard import wire
from modelyard.engine.pulumi_cli.serving import served


class HalfMadeError(Exception):
    """What was made is there, but not whole."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.id, self.properties = "half", {"x": 1}


class Regional(provider_pb2_grpc.ResourceProviderServicer):
    """Answers with the region it was configured with."""

    def Configure(self, request, context):
        self.region = wire.from_struct(request.args)["region"]
        return provider_pb2.ConfigureResponse()

    def Create(self, request, context):
        if request.name == "broken":
            raise RuntimeError("no such thing")
        if request.name == "half":
            raise HalfMadeError("not ready")
        return provider_pb2.CreateResponse(id=self.region)

    def List(self, request, context):
        yield provider_pb2.ListResponse(result=provider_pb2.ListResponse.Result(id="one"))


@pytest.fixture
def connect():
    channels = []
    with served({"fake": Regional}) as environment:
        package, _, port = environment["PULUMI_DEBUG_PROVIDERS"].partition(":")
        assert package == "fake"
        assert environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"

        def connection():
            # grpc in Python shares a connection between equal channels; the CLI does not
            channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)])
            channels.append(channel)
            return provider_pb2_grpc.ResourceProviderStub(channel)

        yield connection
        for channel in channels:
            channel.close()


def test_each_connection_has_a_provider_of_its_own(connect):
    east, west = connect(), connect()
    for stub, region in ((east, "us-east-1"), (west, "eu-west-1")):
        stub.Configure(provider_pb2.ConfigureRequest(args=wire.to_struct({"region": region})))
    assert [stub.Create(provider_pb2.CreateRequest(name="a")).id for stub in (east, west, east)] == [
        "us-east-1",
        "eu-west-1",
        "us-east-1",
    ]


def test_what_an_in_process_provider_leaves_out_is_answered(connect):
    stub = connect()
    assert stub.Attach(plugin_pb2.PluginAttach(address="x")) == empty_pb2.Empty()
    assert stub.GetPluginInfo(empty_pb2.Empty()).version == "0.0.0"
    news = wire.to_struct({"a": "b"})
    assert stub.CheckConfig(provider_pb2.CheckRequest(news=news)).inputs == news
    with pytest.raises(grpc.RpcError) as error:
        stub.DiffConfig(provider_pb2.DiffRequest())
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_streams_pass_through(connect):
    assert [it.result.id for it in connect().List(provider_pb2.ListRequest())] == ["one"]


def test_an_exception_is_a_status_with_its_words(connect):
    with pytest.raises(grpc.RpcError) as error:
        connect().Create(provider_pb2.CreateRequest(name="broken"))
    assert (error.value.code(), error.value.details()) == (grpc.StatusCode.UNKNOWN, "no such thing")


def test_what_was_half_made_goes_along(connect):
    with pytest.raises(grpc.RpcError) as error:
        connect().Create(provider_pb2.CreateRequest(name="half"))
    raw = dict(error.value.trailing_metadata())["grpc-status-details-bin"]
    [detail] = status_pb2.Status.FromString(raw).details
    failed = provider_pb2.ErrorResourceInitFailed()
    assert detail.Unpack(failed)
    assert (failed.id, wire.from_struct(failed.properties), list(failed.reasons)) == ("half", {"x": 1}, ["not ready"])


def test_nothing_is_served_where_there_is_nothing_to_serve():
    with served({}) as environment:
        assert environment == {}

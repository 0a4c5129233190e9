"""A provider that does nothing, served to the Pulumi CLI or run inside the embedded engine, and its program."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

PROGRAM = """
import pulumi

class Thing(pulumi.CustomResource):
    out: pulumi.Output[str]
    def __init__(self, name, value, opts=None):
        super().__init__("trivial:index:Thing", name, {"out": None, "value": value}, opts)

before = None
for number in range(NUMBER):
    value = before.out if before is not None and number % 10 == 0 else f"value {number}"
    before = Thing(f"thing-{number}", value)
pulumi.export("last", before.out)
"""


class TrivialProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Says yes to everything."""

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="1.0.0")

    def Attach(self, request, context):
        return empty_pb2.Empty()

    def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):
        return provider_pb2.DiffResponse()

    def Configure(self, request, context):
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request, context):
        changed = request.old_inputs != request.news
        kinds = provider_pb2.DiffResponse
        return kinds(changes=kinds.DIFF_SOME if changed else kinds.DIFF_NONE)

    def Create(self, request, context):
        made = provider_pb2.CreateResponse(id="" if request.preview else f"id-{request.name}")
        made.properties.CopyFrom(request.properties)
        if not request.preview:
            made.properties["out"] = f"out of {request.name}"
        return made

    def Delete(self, request, context):
        return empty_pb2.Empty()

    def Cancel(self, request, context):
        return empty_pb2.Empty()


def write(folder: Path, number: int) -> None:
    """Write the program that makes a number of things."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM.replace("NUMBER", str(number)))


def serve() -> None:
    """Serve the provider to the Pulumi CLI until standard input ends; its port is written first."""
    import grpc

    server = grpc.server(ThreadPoolExecutor(16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(TrivialProvider(), server)
    sys.stdout.write(f"{server.add_insecure_port('127.0.0.1:0')}\n")
    sys.stdout.flush()
    server.start()
    sys.stdin.read()


if __name__ == "__main__":
    serve()

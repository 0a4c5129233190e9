"""Calling back into a program: it serves `pulumirpc.Callbacks` and names a function of its own by a token."""

import threading
from typing import Any

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc

from modelyard.errors import DeploymentError

MAX_MESSAGE = 400 * 1024 * 1024
"""The largest message that Pulumi's processes send one another, in bytes."""
CHANNEL_OPTIONS = [("grpc.max_receive_message_length", MAX_MESSAGE), ("grpc.max_send_message_length", MAX_MESSAGE)]


class RequestError(DeploymentError):
    """What a program asked for is refused; the program is told, and decides itself whether it goes on."""


class Callbacks:
    """The callback servers of one deployment's program and component providers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: dict[str, grpc.Channel] = {}

    def call(self, callback: callback_pb2.Callback, request: Any, response: Any) -> Any:
        """Call a function of the program.

        Args:
            callback: the function.
            request: the message it takes.
            response: the class of the message it gives.

        Raises:
            RequestError: it failed, or its process has gone.
        """
        stub = callback_pb2_grpc.CallbacksStub(self._channel(callback.target))
        message = callback_pb2.CallbackInvokeRequest(token=callback.token, request=request.SerializeToString())
        try:
            return response.FromString(stub.Invoke(message).response)
        except grpc.RpcError as error:
            raise RequestError(details(error)) from error

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            while self._channels:
                self._channels.popitem()[1].close()

    def _channel(self, target: str) -> grpc.Channel:
        if not target:
            raise RequestError("a callback has no address")
        with self._lock:
            if target not in self._channels:
                self._channels[target] = grpc.insecure_channel(target, options=CHANNEL_OPTIONS)
            return self._channels[target]


def details(error: grpc.RpcError) -> str:
    """Return what a failed call's server had to say."""
    said = error.details() if hasattr(error, "details") else None
    return str(said or error)

"""Plugins in processes of their own: found, started, greeted and stopped as the Pulumi CLI does.

A plugin writes the port it listens on as its first line, and ends when it is asked to.
Source: `workspace.GetPluginPath` and `plugin.NewProvider` in Pulumi's SDK for Go.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import grpc
import yaml
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from modelyard.engine.base import Severity
from modelyard.engine.embedded.program.callbacks import CHANNEL_OPTIONS
from modelyard.engine.embedded.providers.packages import Package
from modelyard.errors import DeploymentError

_DYNAMIC = "pulumi-python"
_GRACE_SECONDS = 5.0
_LAST_MOMENT_SECONDS = 0.02  # between the end of a plugin's connection and that of its process
_TAIL_LINES = 20


@dataclass
class PluginProcess:
    """A running plugin.

    Args:
        name: its package's name.
        channel: what it is called through.
        process: its process; none for one that somebody else has started.
        closing: whether it has been asked to end.
        written: what it has written.
        threads: those that read what it writes, and last the one that tells how it ended.
    """

    name: str
    channel: grpc.Channel
    process: "subprocess.Popen[bytes] | None" = None
    closing: bool = False
    written: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def close(self) -> None:
        """End it: at first by asking; one that has ended by itself is told of before."""
        if self.process is not None and self.threads:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=_LAST_MOMENT_SECONDS)
                self.threads[-1].join(timeout=_GRACE_SECONDS)
        self.closing = True
        self.channel.close()
        if self.process is None:
            return
        for number in (signal.SIGINT, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=_GRACE_SECONDS)
                break
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


@dataclass
class Processes:
    """Starts the plugins of one deployment.

    Args:
        program: the folder of the program's Pulumi.yaml.
        environment: environment variables for plugins, over this process's own.
        engine: returns the address of the service that plugins report to.
        say: takes a line that a plugin has written.
    """

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    engine: Callable[[], str] = lambda: "127.0.0.1:0"
    say: Callable[[Severity, str], None] = lambda severity, line: None
    _running: list[PluginProcess] = field(default_factory=list)

    def start(self, package: Package, variables: Mapping[str, str]) -> provider_pb2_grpc.ResourceProviderStub:
        """Start a package's plugin, or reach the one that is running already for the debugger's sake.

        Args:
            package: the package.
            variables: environment variables for it alone: the name it is to see, by the name it has here.

        Raises:
            DeploymentError: it isn't there, or it does not start.
        """
        if port := self._debugged(package.plugin):
            channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS)
            self._running.append(PluginProcess(package.plugin, channel))
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Attach(plugin_pb2.PluginAttach(address=self.engine()), wait_for_ready=True)
            return stub
        command, folder = self._command(package)
        running = self._spawn(package.plugin, [*command, self.engine()], variables)
        running.channel = grpc.insecure_channel(f"127.0.0.1:{self._port(running)}", options=CHANNEL_OPTIONS)
        stub = provider_pb2_grpc.ResourceProviderStub(running.channel)
        self._greet(stub, folder)
        return stub

    def close(self) -> None:
        """End all that was started."""
        while self._running:
            self._running.pop().close()

    def _debugged(self, name: str) -> str:
        """Return the port of a plugin that PULUMI_DEBUG_PROVIDERS names, as `name:port,...`."""
        variables = {**os.environ, **self.environment}
        pairs = (item.split(":", 1) for item in variables.get("PULUMI_DEBUG_PROVIDERS", "").split(",") if ":" in item)
        return next((port for found, port in pairs if found == name), "")

    def _command(self, package: Package) -> tuple[list[str], Path]:
        if package.plugin == _DYNAMIC:
            return [sys.executable, "-u", "-m", "pulumi.dynamic"], self.program
        for place in self._places(package):
            if place.is_file():
                return [str(place)], place.parent
            if command := _command_in(place, package.plugin):
                return command, place
        raise DeploymentError(
            f"there is no provider for package {package.plugin!r} here",
            hint=f"name its folder in Pulumi.yaml (plugins: providers: - name: {package.plugin}, path: ...), "
            f"put pulumi-resource-{package.plugin} on the path, or run this program with 'pulumi up'",
        )

    def _places(self, package: Package) -> list[Path]:
        """List where a plugin may be: in the project, on the path, among those that the Pulumi CLI has installed."""
        places = [self.program / path for path in project_plugins(self.program).get(package.plugin, ())]
        path = self.environment.get("PATH") or os.environ.get("PATH")
        if found := shutil.which(f"pulumi-resource-{package.plugin}", path=path):
            places.append(Path(found))
        home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        pattern = f"resource-{package.plugin}-v{package.version or '*'}"
        return places + sorted(item for item in (home / "plugins").glob(pattern) if item.is_dir())[::-1]

    def _spawn(self, name: str, command: list[str], variables: Mapping[str, str]) -> PluginProcess:
        environment = {**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"}
        environment |= {seen: environment[own] for own, seen in variables.items() if own in environment}
        try:
            process = subprocess.Popen(
                command,
                cwd=self.program,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise DeploymentError(f"the plugin {command[0]} can't be started: {error.strerror}") from error
        running = PluginProcess(name, grpc.insecure_channel("127.0.0.1:0"), process)
        self._running.append(running)
        return running

    def _port(self, running: PluginProcess) -> str:
        """Read a plugin's port, and whatever else it writes from then on."""
        process = running.process
        assert process and process.stdout and process.stderr  # noqa: S101 - all were asked for
        errors = threading.Thread(target=self._listen, args=(running, process.stderr), daemon=True)
        errors.start()
        line = process.stdout.readline().decode(errors="replace").strip()
        if not line.isdigit():
            running.closing = True
            errors.join(timeout=1)
            said = "\n".join([*([line] if line else []), *running.written[-_TAIL_LINES:]])
            raise DeploymentError(
                f"the plugin for package {running.name!r} did not start:\n{said or 'it wrote nothing'}"
            )
        output = threading.Thread(target=self._listen, args=(running, process.stdout), daemon=True)
        watch = threading.Thread(target=self._watch, args=(running, process), daemon=True)
        running.threads += [errors, output, watch]
        output.start()
        watch.start()
        return line

    def _listen(self, running: PluginProcess, stream: IO[bytes]) -> None:
        with suppress(ValueError):  # closed under us when the plugin is ended
            for raw in stream:
                line = raw.decode(errors="replace").rstrip()
                running.written.append(line)
                if line:
                    self.say(Severity.INFO if running.name == _DYNAMIC else Severity.DEBUG, line)

    def _watch(self, running: PluginProcess, process: "subprocess.Popen[bytes]") -> None:
        """Tell of a plugin that ends before it is asked to, with the last that it wrote."""
        code = process.wait()
        if not running.closing:
            for reader in running.threads[:-1]:
                reader.join(timeout=1)
            said = "\n".join(running.written[-_TAIL_LINES:])
            message = f"the plugin for package {running.name!r} ended with exit code {code}\n{said}"
            self.say(Severity.ERROR, message.rstrip())

    def _greet(self, stub: provider_pb2_grpc.ResourceProviderStub, folder: Path) -> None:
        """Tell a plugin what this engine can do; an older one doesn't know the call."""
        request = provider_pb2.ProviderHandshakeRequest(
            engine_address=self.engine(),
            root_directory=str(folder),
            program_directory=str(folder),
            configure_with_urn=True,
            invoke_with_preview=True,
        )
        try:
            stub.Handshake(request, wait_for_ready=True)
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                raise DeploymentError(f"a plugin in {folder} did not answer: {error}") from error


def project_plugins(program: Path) -> dict[str, list[str]]:
    """Return the folders of the plugins that a project names in its Pulumi.yaml, by package."""
    document = _yaml(program / "Pulumi.yaml")
    found: dict[str, list[str]] = {}
    for entry in (document.get("plugins") or {}).get("providers") or ():
        found.setdefault(str(entry.get("name", "")), []).append(str(entry.get("path", "")))
    for name, source in (document.get("packages") or {}).items():
        place = source.get("source", "") if isinstance(source, Mapping) else str(source)
        if place.startswith((".", "/")):
            found.setdefault(str(name), []).append(place)
    return found


def _command_in(folder: Path, name: str) -> list[str]:
    """Return how to start the plugin in a folder; empty if there is none that can be."""
    executable = folder / f"pulumi-resource-{name}"
    if executable.is_file():
        return [str(executable)]
    runtime: Any = _yaml(folder / "PulumiPlugin.yaml").get("runtime")
    options = runtime.get("options") or {} if isinstance(runtime, Mapping) else {}
    runtime = runtime.get("name") if isinstance(runtime, Mapping) else runtime
    if runtime != "python":
        return []
    own = folder / str(options.get("virtualenv") or "venv") / "bin" / "python"
    return [str(own) if own.exists() else sys.executable, "-u", str(folder)]


def _yaml(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError) as error:
        raise DeploymentError(f"{path} can't be read: {error}") from error
    return document if isinstance(document, dict) else {}

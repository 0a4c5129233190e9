"""Endpoints: deployed in the background, updated without a gap, rolled back when an alarm says so."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from modelyard.localcloud.runtime import described, rollouts
from modelyard.localcloud.runtime.fleet import Fleet, FleetError
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.rollouts import RolledBackError, Routing, StaleError

KIND = "Endpoint"
CONFIG_KIND = "EndpointConfig"
EVENT = "SageMaker Endpoint State Change"
DEPLOYMENT_EVENT = "SageMaker Endpoint Deployment State Change"
RESTORE_TIMEOUT_SECONDS = 60.0
CHANGING = ("Creating", "Updating", "RollingBack")
_EVENT_STATUS = {"InService": "IN_SERVICE", "OutOfService": "OUT_OF_SERVICE", "RollingBack": "ROLLING_BACK"}
_log = logging.getLogger(__name__)

Key = tuple[str, str]
Document = dict[str, Any]
AlarmState = Callable[[str, str], str]


class Endpoints:
    """All endpoints that are served.

    Args:
        host: the local cloud.
        alarm_state: returns the state of an alarm by region and name.
    """

    def __init__(self, host: Host, alarm_state: AlarmState) -> None:
        self._host = host
        self._alarm_state = alarm_state
        self._routes: dict[Key, Routing] = {}
        self._generation: dict[Key, int] = {}
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()

    def deploy(self, region: str, name: str) -> None:
        """Bring an endpoint to what its document asks for; what serves now goes on until the new fleet answers."""
        with self._lock:
            generation = self._generation[region, name] = self._generation.get((region, name), 0) + 1
        self._begin(self._deploy, region, name, generation)

    def adjust(self, region: str, name: str) -> None:
        """Bring weights and instance counts to what the endpoint's document says, without a new fleet."""
        self._begin(self._adjust, region, name, self._generation.get((region, name), 0))

    def delete(self, region: str, name: str) -> None:
        """Stop serving an endpoint."""
        with self._lock:
            self._generation[region, name] = self._generation.get((region, name), 0) + 1
            routing = self._routes.pop((region, name), None)
        for fleet in _fleets(routing):
            fleet.stop()

    def recover(self) -> None:
        """Serve again what was served when the cloud stopped."""
        for region in self._host.store.regions():
            for document in self._host.collection(region, KIND).all():
                if document["EndpointStatus"] in ("InService", *CHANGING):
                    self.deploy(region, document["EndpointName"])

    def close(self) -> None:
        """Stop serving because the cloud stops; the documents stay as they are."""
        self._closing.set()
        with self._lock:
            for key in self._generation:
                self._generation[key] += 1
            routes = list(self._routes.values())
            self._routes.clear()
        stoppers = [threading.Thread(target=fleet.stop) for routing in routes for fleet in _fleets(routing)]
        for thread in stoppers:
            thread.start()
        for thread in [*stoppers, *self._threads]:
            thread.join(timeout=20)

    def busy(self) -> bool:
        """Tell whether an endpoint changes just now; a rollout that waits for a later time does not."""
        return any(it.is_alive() and not self._host.clock.is_waiting(it.ident) for it in list(self._threads))

    def serving(self) -> list[tuple[str, str, Fleet]]:
        """Return all fleets with their region and endpoint."""
        with self._lock:
            routes = list(self._routes.items())
        return [(region, name, fleet) for (region, name), routing in routes for fleet in _fleets(routing)]

    def fleet(self, region: str, name: str) -> Fleet | None:
        """Return the fleet of the next invocation, waiting while a restarted cloud brings it up again."""
        deadline = time.monotonic() + RESTORE_TIMEOUT_SECONDS
        while (region, name) not in self._routes and time.monotonic() < deadline:
            document = self._host.collection(region, KIND).get(name)
            if document is None or document["EndpointStatus"] in ("Creating", "Failed"):
                return None
            time.sleep(0.05)
        routing = self._routes.get((region, name))
        return routing.pick() if routing else None

    def announce(self, region: str, document: Document) -> None:
        """Put an endpoint's state on the event bus."""
        self._host.events.send(region, EVENT, [document["EndpointArn"]], self._detail(region, document))

    def _detail(self, region: str, document: Document) -> Document:
        status = document["EndpointStatus"]
        config = self._host.collection(region, CONFIG_KIND).get(document["EndpointConfigName"] or "") or {}
        detail = {
            "EndpointName": document["EndpointName"],
            "EndpointArn": document["EndpointArn"],
            "EndpointConfigName": document["EndpointConfigName"],
            "ProductionVariants": described.variants(config, "ProductionVariants", document.get("VariantState") or {}),
            "EndpointStatus": _EVENT_STATUS.get(status, status.upper()),
            "CreationTime": document["CreationTime"],
            "LastModifiedTime": document["LastModifiedTime"],
            "Tags": self._host.store.tags(document["EndpointArn"]),
        }
        return {**detail, "FailureReason": document["FailureReason"]} if document.get("FailureReason") else detail

    def _begin(self, work: Callable[[str, str, int], None], region: str, name: str, generation: int) -> None:
        thread = threading.Thread(target=work, args=(region, name, generation), name=name, daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def _deploy(self, region: str, name: str, generation: int) -> None:
        document = self._host.collection(region, KIND).get(name)
        if document is None:
            return
        if document["EndpointStatus"] != "InService":
            self.announce(region, document)
        try:
            self._restore(region, document, generation)
            self._roll(region, document, generation)
        except StaleError:
            return
        except (FleetError, RolledBackError) as error:
            self._fail(region, name, generation, str(error))
        except Exception as error:  # noqa: BLE001  # an endpoint must not stay in Creating, whatever happened
            _log.exception("endpoint %s", name)
            self._fail(region, name, generation, f"InternalServerError: {type(error).__name__}: {error}")

    def _restore(self, region: str, document: Document, generation: int) -> None:
        """Serve what was served before an update that a restart of the cloud cut short."""
        deployed, name = document.get("DeployedConfigName"), document["EndpointName"]
        if not deployed or deployed == document["EndpointConfigName"] or (region, name) in self._routes:
            return
        fleet = self._launch(region, document, deployed)
        self._take_over(region, name, generation, fleet)

    def _roll(self, region: str, document: Document, generation: int) -> None:
        name, config_name = document["EndpointName"], document["EndpointConfigName"]
        fleet = self._launch(region, document, config_name)
        routing = self._routes.get((region, name))
        if routing is not None:
            planned = rollouts.plan(document.get("DeploymentConfig"), fleet.instances)
            try:
                rollouts.carry_out(planned, routing, fleet, self._host.clock, self._watch(region, name, generation))
            except BaseException as error:
                if isinstance(error, RolledBackError):
                    self._set(region, name, "RollingBack")
                fleet.stop()
                raise
        self._take_over(region, name, generation, fleet)
        self._set(region, name, "InService", FailureReason=None, DeployedConfigName=config_name)

    def pending(self, region: str, document: Document) -> Document:
        """Return what DescribeEndpoint tells of an update that goes on."""
        name = document["EndpointConfigName"]
        config = self._host.collection(region, CONFIG_KIND).get(name) or {"EndpointConfigName": name}
        routing = self._routes.get((region, document["EndpointName"]))
        step = routing.step if routing else None
        return described.pending(config, document["LastModifiedTime"], *(step or ()))

    def _watch(self, region: str, name: str, generation: int) -> rollouts.Watch:
        def told(_step: rollouts.Step) -> None:
            document = self._host.collection(region, KIND).get(name)
            if document:
                current = {**document, "EndpointConfigName": document.get("DeployedConfigName")}
                pending = self.pending(region, document)
                detail = {**self._detail(region, current), "PendingDeploymentSummary": pending}
                self._host.events.send(region, DEPLOYMENT_EVENT, [document["EndpointArn"]], detail)

        return rollouts.Watch(
            lambda alarm: self._alarm_state(region, alarm),
            lambda: self._is_stale(region, name, generation),
            told,
        )

    def _launch(self, region: str, document: Document, config_name: str) -> Fleet:
        name = document["EndpointName"]
        config = self._host.collection(region, CONFIG_KIND).get(config_name)
        if config is None:
            raise FleetError(f"Could not find endpoint configuration {config_name}.")
        fleet = Fleet(self._host, region, name, self._host.folder / "endpoints" / region / name / secrets.token_hex(8))
        try:
            fleet.start(config, document.get("VariantState") or {})
        except BaseException:
            fleet.stop()
            raise
        return fleet

    def _take_over(self, region: str, name: str, generation: int, fleet: Fleet) -> None:
        """Let a fleet that answers take over, unless the endpoint was changed or deleted meanwhile."""
        with self._lock:
            stale = self._is_stale(region, name, generation)
            before: Fleet | None = fleet
            if not stale:
                old = self._routes.get((region, name))
                before = (old.finish() or old.serving) if old else None
                self._routes[region, name] = Routing(fleet)
        if before and (stale or before is not fleet):
            before.stop(drain=not stale)
        if stale:
            raise StaleError

    def _adjust(self, region: str, name: str, generation: int) -> None:
        document = self._host.collection(region, KIND).get(name)
        routing = self._routes.get((region, name))
        if document is None or routing is None:
            return
        reason = None
        for variant_name, wanted in (document.get("VariantState") or {}).items():
            variant = routing.serving.variants.get(variant_name)
            if variant is None:
                continue
            variant.weight = float(wanted.get("InitialVariantWeight", variant.weight))
            try:
                variant.scale(int(wanted.get("InitialInstanceCount", variant.instances)))
            except FleetError as error:
                reason = str(error)
        if not self._is_stale(region, name, generation):
            self._set(region, name, "InService", FailureReason=reason)

    def _is_stale(self, region: str, name: str, generation: int) -> bool:
        return self._generation.get((region, name)) != generation or self._closing.is_set()

    def _fail(self, region: str, name: str, generation: int, reason: str) -> None:
        """A first deployment fails the endpoint; an update leaves it serving what it served."""
        document = self._host.collection(region, KIND).get(name)
        if document is None or self._is_stale(region, name, generation):
            return
        serving = (region, name) in self._routes
        changes = {"EndpointConfigName": document.get("DeployedConfigName")} if serving else {}
        self._set(region, name, "InService" if serving else "Failed", FailureReason=reason, **changes)

    def _set(self, region: str, name: str, status: str, **changes: Any) -> None:
        document = self._host.collection(region, KIND).update(
            name, EndpointStatus=status, LastModifiedTime=now(), **changes
        )
        if document:
            self.announce(region, document)


def _fleets(routing: Routing | None) -> list[Fleet]:
    return [fleet for fleet in (routing.serving, routing.coming) if fleet] if routing else []

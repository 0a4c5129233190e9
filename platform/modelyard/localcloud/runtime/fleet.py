"""The variants of one endpoint, as one configuration describes them, and who of them answers."""

import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.launching import FleetError, Launcher
from modelyard.localcloud.runtime.objects import ObjectError
from modelyard.localcloud.runtime.variant import Variant

__all__ = ["Fleet", "FleetError"]

Document = dict[str, Any]


class Fleet:
    """All variants of one deployment.

    Args:
        host: the local cloud.
        region: the endpoint's.
        endpoint: its name.
        folder: where the models are extracted; it is the deployment's own.
    """

    def __init__(self, host: Host, region: str, endpoint: str, folder: Path) -> None:
        self._launcher = Launcher(host, region, endpoint, folder)
        self._clock = host.clock.time
        self._lock = threading.Lock()
        self._owed: dict[str, float] = {}
        self.config: Document = {}
        self.variants: dict[str, Variant] = {}
        self.shadows: dict[str, Variant] = {}

    def start(self, config: Document, state: Mapping[str, Document]) -> None:
        """Start the servers of all variants and wait until they answer.

        Args:
            config: the endpoint configuration.
            state: weights and instance counts that differ from it, by variant.

        Raises:
            FleetError: one does not; those that were started are stopped.
        """
        self.config = config
        kinds = ((self.variants, "ProductionVariants"), (self.shadows, "ShadowProductionVariants"))
        try:
            for kept, field in kinds:
                for spec in config.get(field) or []:
                    known = state.get(spec["VariantName"], {})
                    kept[spec["VariantName"]] = Variant({**spec, **known}, self._launcher, self._clock)
            for variant in self.all:
                variant.start()
            for variant in self.all:
                variant.await_ping()
        except (FleetError, ObjectError) as error:
            self.stop()
            raise FleetError(str(error)) from error

    @property
    def all(self) -> list[Variant]:
        """Production and shadow variants."""
        return [*self.variants.values(), *self.shadows.values()]

    @property
    def instances(self) -> int:
        """How many instances the production variants have in all."""
        return sum(variant.instances for variant in self.variants.values())

    def choose(self, name: str | None) -> Variant | None:
        """Return a variant by its name, or the next by their weights; None if there is no such variant.

        Without a name each gets exactly its share, evenly spread: the one that is owed most.
        """
        if name:
            return self.variants.get(name)
        variants = list(self.variants.values())
        if len(variants) == 1:
            return variants[0]
        with self._lock:
            total = sum(variant.weight for variant in variants)
            for variant in variants:
                self._owed[variant.name] = self._owed.get(variant.name, 0.0) + (variant.weight / total if total else 1)
            chosen = max(variants, key=lambda variant: self._owed[variant.name])
            self._owed[chosen.name] -= 1.0
        return chosen

    def share(self, shadow: Variant) -> float:
        """Return what share of the invocations a shadow variant gets a copy of."""
        total = sum(variant.weight for variant in self.variants.values())
        return min(shadow.weight / total, 1.0) if total else 0.0

    def scale(self, share: float) -> None:
        """Run a share of the instances, at least one of each variant, as a rolling update does."""
        for variant in self.all:
            whole = variant.instances
            variant.scale(max(round(whole * share), 1))
            variant.instances = whole

    def stop(self, drain: bool = False) -> None:
        """End all servers and delete their files.

        Args:
            drain: let them answer first what they were asked.
        """
        stoppers = [threading.Thread(target=variant.stop, args=(drain,)) for variant in self.all]
        for thread in stoppers:
            thread.start()
        for thread in stoppers:
            thread.join()
        shutil.rmtree(self._launcher.folder, ignore_errors=True)

"""`aws:cloudwatch/logMetricFilter:LogMetricFilter`."""

from collections.abc import Iterator
from typing import Any

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class LogMetricFilter(ResourceType):
    """A metric that counts what matches in a log group."""

    pulumi_type = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
    client = "logs"
    name_property = "name"
    name_limit = 512
    replace = frozenset({"logGroupName"})

    def same(self, name: str, old: Any, new: Any) -> bool:
        """A pattern is the same with blanks around it and without."""
        if name == "pattern" and isinstance(old, str) and isinstance(new, str):
            return old.strip() == new.strip()
        return super().same(name, old, new)

    def import_id(self, aws: Session, resource_id: str) -> str:
        """A filter is imported by its log group and name with a colon between, and known by its name."""
        return resource_id.rpartition(":")[2]

    def expected_id(self, aws: Session, inputs: Props) -> str | None:
        """Putting a filter that is there changes it."""
        there = self._find(aws, inputs["name"], inputs.get("logGroupName"))
        return str(inputs["name"]) if there else None

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the filter; it is known by its name."""
        self._put(aws, inputs)
        return str(inputs["name"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Find the filter in its log group; in any where that is not known."""
        found = self._find(aws, resource_id, state.get("logGroupName"))
        if found is None:
            return None
        transformation = dict(found["metricTransformations"][0])
        named = {name.removeprefix("metric"): value for name, value in transformation.items()}
        metric = {name[0].lower() + name[1:]: value for name, value in named.items()}
        if isinstance(metric.get("defaultValue"), float | int):
            metric["defaultValue"] = f"{metric['defaultValue']:g}"
        known = {"name": resource_id, "logGroupName": found["logGroupName"], "pattern": found["filterPattern"]}
        return {**known, "metricTransformation": {it: value for it, value in metric.items() if value != "None"}}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the filter anew."""
        self._put(aws, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the filter."""
        found = self._find(aws, resource_id, state.get("logGroupName"))
        if found is not None:
            self.find(aws, "delete_metric_filter", filterName=resource_id, logGroupName=found["logGroupName"])

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for found in self.pages(aws, "describe_metric_filters", "metricFilters"):
            yield str(found["filterName"])

    def _find(self, aws: Session, name: str, group: str | None) -> dict[str, Any] | None:
        within = {"logGroupName": group} if group else {}
        found = self.pages(aws, "describe_metric_filters", "metricFilters", filterNamePrefix=name, **within)
        return next((dict(it) for it in found if it["filterName"] == name), None)

    def _put(self, aws: Session, props: Props) -> None:
        given = props["metricTransformation"]
        metric = {f"metric{name[0].upper()}{name[1:]}": given[name] for name in ("name", "namespace", "value")}
        if given.get("defaultValue") not in (None, ""):
            metric["defaultValue"] = float(given["defaultValue"])
        metric |= {name: given[name] for name in ("dimensions", "unit") if given.get(name)}
        self.call(
            aws,
            "put_metric_filter",
            logGroupName=props["logGroupName"],
            filterName=props["name"],
            filterPattern=props["pattern"].strip(),
            metricTransformations=[metric],
        )


RESOURCE = LogMetricFilter()

"""Trails found by name and by ARN, never made twice, that tell all they were told."""

import json
from collections.abc import Mapping
from typing import Any

from moto.cloudtrail.exceptions import TrailNotFoundException
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError
from moto.core.utils import unix_time

_EVERY_CALL = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]
_NOTHING_ELSE: dict[str, Any] = {"DataResources": [], "ExcludeManagementEventSources": []}


class CloudTrailOperations(CloudTrailResponse):
    """Operations of CloudTrail that moto lacks, or does in part."""

    def create_trail(self) -> str:
        """Make a trail; moto would put it in the place of another of its name."""
        name = self._get_param("Name")
        if name in self.cloudtrail_backend.trails:
            raise JsonRESTError("TrailAlreadyExistsException", f"Trail {name} already exists")
        self._check_log_group()
        return str(super().create_trail())

    def update_trail(self) -> str:
        """Change a trail; an empty text takes away what was there."""
        self._check_log_group()
        super().update_trail()
        return json.dumps(self._described(self._trail(self._get_param("Name"))))

    def get_trail(self) -> str:
        """Describe one trail."""
        return json.dumps({"Trail": self._described(self._trail(self._get_param("Name")))})

    def describe_trails(self) -> str:
        """Describe trails, those alone that are asked for."""
        wanted = self._get_param("trailNameList") or []
        shadows = self._get_bool_param("includeShadowTrails", True)
        trails = self.cloudtrail_backend.describe_trails(shadows)
        chosen = [trail for trail in trails if not wanted or {trail.trail_name, trail.arn} & set(wanted)]
        return json.dumps({"trailList": [self._described(trail) for trail in chosen]})

    def get_trail_status(self) -> str:
        """Tell whether a trail records, and since when."""
        trail = self._trail(self._get_param("Name"))
        status = {name: value for name, value in trail.status.description().items() if value != ""}
        if trail.status.is_logging and trail.cw_log_group_arn:
            status["LatestCloudWatchLogsDeliveryTime"] = int(unix_time())
        return json.dumps(status)

    def delete_trail(self) -> str:
        """Delete a trail with its tags."""
        trail = self._trail(self._get_param("Name"), here=True)
        del self.cloudtrail_backend.trails[trail.trail_name]
        self.cloudtrail_backend.tagging_service.delete_all_tags_for_resource(trail.arn)
        return json.dumps({})

    def put_event_selectors(self) -> str:
        """Say what a trail records, in one of the two ways."""
        trail = self._trail(self._get_param("TrailName"), here=True)
        trail.event_selectors = self._get_param("EventSelectors") or []
        trail.advanced_event_selectors = self._get_param("AdvancedEventSelectors") or []
        if bool(trail.event_selectors) == bool(trail.advanced_event_selectors):
            raise JsonRESTError(
                "InvalidEventSelectorsException", "Give either EventSelectors or AdvancedEventSelectors"
            )
        return json.dumps(_selectors(trail))

    def get_event_selectors(self) -> str:
        """Tell what a trail records; every call that manages something, unless it was told otherwise."""
        return json.dumps(_selectors(self._trail(self._get_param("TrailName"))))

    def put_insight_selectors(self) -> str:
        """Say what of the unusual a trail looks for, in the place of what was said before."""
        trail = self._trail(self._get_param("TrailName"), here=True)
        trail.insight_selectors = self._get_param("InsightSelectors") or []
        return json.dumps({"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors})

    def get_insight_selectors(self) -> str:
        """Tell what of the unusual a trail looks for."""
        trail = self._trail(self._get_param("TrailName"))
        if not trail.insight_selectors:
            raise JsonRESTError("InsightNotEnabledException", f"Insights are not enabled for trail {trail.trail_name}")
        return json.dumps({"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors})

    def remove_tags(self) -> str:
        """Remove tags by their keys; moto wants their values too."""
        keys = [tag["Key"] for tag in self._get_param("TagsList") or []]
        self.cloudtrail_backend.tagging_service.untag_resource_using_names(self._get_param("ResourceId"), keys)
        return json.dumps({})

    def _trail(self, name: str, *, here: bool = False) -> Any:
        """Find a trail by name or ARN; one of all regions is found in each, but changed at its home alone."""
        backend = self.cloudtrail_backend
        for trail in backend.trails.values() if here else backend.describe_trails(True):
            if name in (trail.trail_name, trail.arn):
                return trail
        raise TrailNotFoundException(account_id=self.current_account, name=name)

    def _described(self, trail: Any) -> dict[str, Any]:
        description = trail.description(include_region=True)
        told = {
            "HasCustomEventSelectors": bool(trail.event_selectors or trail.advanced_event_selectors),
            "HasInsightSelectors": bool(trail.insight_selectors),
        }
        return {name: value for name, value in {**description, **told}.items() if value not in (None, "")}

    def _check_log_group(self) -> None:
        given = [bool(self._get_param(name)) for name in ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn")]
        if given[0] != given[1]:
            raise JsonRESTError(
                "InvalidCloudWatchLogsLogGroupArnException",
                "You must specify both a CloudWatch Logs log group ARN and a role ARN",
            )


def _selectors(trail: Any) -> Mapping[str, Any]:
    if trail.advanced_event_selectors:
        return {"TrailARN": trail.arn, "AdvancedEventSelectors": trail.advanced_event_selectors}
    basic = [_NOTHING_ELSE | selector for selector in trail.event_selectors or _EVERY_CALL]
    return {"TrailARN": trail.arn, "EventSelectors": basic}


def _told(selector: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in selector.items() if value != []}

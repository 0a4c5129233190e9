"""Logs, alarms, dashboards, topics, trails, functions; and what AWS gives away."""

from modelyard.components.cost.settings import UsageSettings
from modelyard.costing.usage import HOURS, MILLION, Inputs, Rule, Use, number

_DAYS_A_MONTH = 365 / 12
_FOREVER_DAYS = 365
_RUN_SECONDS = 10
_BUILD_MINUTES = 3
_MIB_A_GIB = 1024


def _log_group(inputs: Inputs, usage: UsageSettings) -> list[Use]:
    """What is kept is what was written in the days of retention; a group that keeps all is counted for a year."""
    days = number(inputs, "retentionInDays", 0) or _FOREVER_DAYS
    kept = usage.logged_gib * days / _DAYS_A_MONTH
    return [
        Use("AmazonCloudWatch", "DataProcessing-Bytes", usage.logged_gib, "usage.logged_gib"),
        Use("AmazonCloudWatch", "TimedStorage-ByteHrs", kept, f"usage.logged_gib, kept for {days} days"),
    ]


def _alarm(inputs: Inputs, _usage: UsageSettings) -> list[Use]:
    queries = inputs.get("metricQueries")
    metrics = sum(1 for it in queries if it.get("metric")) if isinstance(queries, list) else 1
    return [Use("AmazonCloudWatch", "CW:AlarmMonitorUsage", max(metrics, 1), "each metric that it watches")]


def _metric_filter(_inputs: Inputs, _usage: UsageSettings) -> list[Use]:
    return [Use("AmazonCloudWatch", "CW:MetricMonitorUsage", 1, "the metric that it makes")]


def _dashboard(_inputs: Inputs, _usage: UsageSettings) -> list[Use]:
    return [Use("AmazonCloudWatch", "DashboardsUsageHour", 1, "the dashboard itself")]


def _topic(_inputs: Inputs, usage: UsageSettings) -> list[Use]:
    return [Use("AmazonSNS", "Requests-Tier1", usage.requests_million * MILLION, "usage.requests_million")]


def _trail(inputs: Inputs, usage: UsageSettings) -> list[Use]:
    """The first trail's management events are free, data events are not."""
    if not inputs.get("eventSelectors") and not inputs.get("advancedEventSelectors"):
        return []
    return [Use("AWSCloudTrail", "DataEventsRecorded", usage.requests_million * MILLION, "usage.requests_million")]


def _function(inputs: Inputs, _usage: UsageSettings) -> list[Use]:
    memory = number(inputs, "memorySize", 128) / _MIB_A_GIB
    return [
        Use("AWSLambda", "Request-ARM", HOURS, "called every hour"),
        Use("AWSLambda", "Lambda-GB-Second-ARM", HOURS * _RUN_SECONDS * memory, f"{_RUN_SECONDS} s every hour"),
    ]


def _build_project(_inputs: Inputs, _usage: UsageSettings) -> list[Use]:
    minutes = _DAYS_A_MONTH * _BUILD_MINUTES
    return [Use("CodeBuild", "Build-Min:Linux:g1.small", minutes, f"{_BUILD_MINUTES} minutes every night")]


RULES: dict[str, Rule] = {
    "aws:cloudtrail/trail:Trail": _trail,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _metric_filter,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:codebuild/project:Project": _build_project,
    "aws:lambda/function:Function": _function,
    "aws:sns/topic:Topic": _topic,
}
FREE = (
    "aws:appautoscaling/",
    "aws:budgets/budget:",
    "aws:cloudwatch/event",  # rules on events of AWS's own services
    "aws:cloudwatch/logResourcePolicy:",
    "aws:costexplorer/",
    "aws:iam/",
    "aws:lambda/permission:",
    "aws:sns/topicPolicy:",
    "aws:sns/topicSubscription:",  # the first thousand mails of a month
)

"""What is made anew under a name has nothing of what had it before."""

from .conftest import Cloud

TAGS = {"owner": "before"}
ALARM = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "MetricName": "m", "Namespace": "n"}


def test_a_log_group_forgets_its_tags(cloud: Cloud) -> None:
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="reborn", tags=TAGS)
    arn = logs.describe_log_groups(logGroupNamePrefix="reborn")["logGroups"][0]["logGroupArn"]
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == TAGS
    logs.delete_log_group(logGroupName="reborn")
    logs.create_log_group(logGroupName="reborn")
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    logs.delete_log_group(logGroupName="reborn")


def test_an_alarm_forgets_its_tags(cloud: Cloud) -> None:
    watch = cloud.client("cloudwatch")
    alarm = {"AlarmName": "reborn", **ALARM, "Period": 60, "Threshold": 1.0, "Statistic": "Sum"}
    watch.put_metric_alarm(**alarm, Tags=[{"Key": "owner", "Value": "before"}])
    arn = watch.describe_alarms(AlarmNames=["reborn"])["MetricAlarms"][0]["AlarmArn"]
    assert watch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "owner", "Value": "before"}]
    watch.delete_alarms(AlarmNames=["reborn"])
    watch.put_metric_alarm(**alarm)
    assert watch.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
    watch.delete_alarms(AlarmNames=["reborn"])

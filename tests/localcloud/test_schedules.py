"""What happens by the clock: schedules that fire, and an alarm that tells the bus and its topic."""

import json
from datetime import datetime, timedelta
from typing import Any

from modelyard.localcloud import daemon

from .conftest import ROLE, Cloud, until
from .test_serving import alarm


def test_a_day_of_schedules_passes_in_a_step(cloud: Cloud) -> None:
    events, scheduler, sqs = cloud.client("events"), cloud.client("scheduler"), cloud.client("sqs")
    url = sqs.create_queue(QueueName="ticks")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = events.put_rule(Name="hourly", ScheduleExpression="cron(0 * * * ? *)")["RuleArn"]
    events.put_targets(Rule="hourly", Targets=[{"Id": "t", "Arn": arn}])
    scheduler.create_schedule(
        Name="twice",
        ScheduleExpression="rate(12 hours)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": ROLE, "Input": '{"at": "<aws.scheduler.scheduled-time>"}'},
    )
    before = datetime.fromisoformat(daemon.clock(cloud.info)["time"])
    shown = daemon.clock(cloud.info, step=86_400)
    assert shown["fired"] == 26
    passed = datetime.fromisoformat(shown["time"]) - before
    assert timedelta(0) <= passed - timedelta(days=1) < timedelta(seconds=30)
    bodies = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [json.loads(message["Body"]) for message in messages]
    hourly = sorted(body["time"] for body in bodies if "source" in body)
    first = before.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    assert hourly == [f"{first + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}" for number in range(24)]
    assert {(body["source"], body["detail-type"], tuple(body["resources"])) for body in bodies if "source" in body} == {
        ("aws.events", "Scheduled Event", (rule,))
    }
    assert len([body for body in bodies if "at" in body]) == 2
    scheduler.delete_schedule(Name="twice")
    events.remove_targets(Rule="hourly", Ids=["t"])
    events.delete_rule(Name="hourly")


def test_an_alarm_tells_the_bus_and_its_topic(cloud: Cloud) -> None:
    events, sns, sqs, cloudwatch = (cloud.client(it) for it in ("events", "sns", "sqs", "cloudwatch"))
    url = sqs.create_queue(QueueName="bus-alarms")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="bus-alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": ["bus-drift"], "state": {"value": ["ALARM"]}}}
    events.put_rule(Name="bus-drift", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="bus-drift", Targets=[{"Id": "t", "Arn": arn}])
    metric = {
        "Namespace": "aws/sagemaker/Endpoints/data-metrics",
        "MetricName": "feature_baseline_drift_age",
        "Dimensions": [{"Name": "Endpoint", "Value": "e"}],
    }
    changes = {**metric, "AlarmActions": [topic], "TreatMissingData": "missing", "Statistic": "Maximum"}
    alarm(cloud, "bus-drift", "e", **changes, Threshold=0.1)
    state = lambda: cloudwatch.describe_alarms(AlarmNames=["bus-drift"])["MetricAlarms"][0]["StateValue"]  # noqa: E731
    assert state() == "INSUFFICIENT_DATA"
    datum = {key: metric[key] for key in ("MetricName", "Dimensions")}
    cloudwatch.put_metric_data(Namespace=metric["Namespace"], MetricData=[{**datum, "Value": 0.4}])
    until(state, lambda found: found == "ALARM")
    bodies: list[dict[str, Any]] = []

    def heard() -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        bodies.extend(json.loads(message["Body"]) for message in found)
        return bodies

    until(heard, lambda found: len(found) == 2)
    event = next(body for body in bodies if "detail-type" in body)
    assert (event["detail-type"], event["detail"]["previousState"]["value"]) == (
        "CloudWatch Alarm State Change",
        "INSUFFICIENT_DATA",
    )
    assert event["resources"] == ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:bus-drift"]
    told = next(body for body in bodies if "AlarmName" in body)
    assert (told["AlarmName"], told["NewStateValue"], told["OldStateValue"]) == (
        "bus-drift",
        "ALARM",
        "INSUFFICIENT_DATA",
    )
    cloudwatch.delete_alarms(AlarmNames=["bus-drift"])
    events.remove_targets(Rule="bus-drift", Ids=["t"])
    events.delete_rule(Name="bus-drift")

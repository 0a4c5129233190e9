resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/events/judge"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_cloudwatch_log_resource_policy" "this" {
  policy_name = "judge-events"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Events", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Principal = { Service = ["events.amazonaws.com", "delivery.logs.amazonaws.com"] }
      Resource  = "${aws_cloudwatch_log_group.this.arn}:*"
    }]
  })
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  name           = "judge-denied"
  pattern        = "{ $.errorCode = \"AccessDenied*\" }"
  log_group_name = aws_cloudwatch_log_group.this.name
  metric_transformation {
    name      = "Denied"
    namespace = "Judge"
    value     = "1"
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  name          = "judge-sagemaker"
  description   = "Changes of training jobs"
  event_pattern = jsonencode({ source = ["aws.sagemaker"], "detail-type" = ["SageMaker Training Job State Change"] })
}

resource "aws_cloudwatch_event_target" "log" {
  rule      = aws_cloudwatch_event_rule.this.name
  target_id = "log"
  arn       = aws_cloudwatch_log_group.this.arn
}

resource "aws_cloudwatch_event_target" "topic" {
  rule      = aws_cloudwatch_event_rule.this.name
  target_id = "topic"
  arn       = aws_sns_topic.this.arn
  input_transformer {
    input_paths    = { name = "$.detail.TrainingJobName" }
    input_template = "\"<name> changed\""
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "judge-latency"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
  metric_name         = "ModelLatency"
  namespace           = "AWS/SageMaker"
  period              = 60
  extended_statistic  = "p99"
  threshold           = 500000
  dimensions          = { EndpointName = "judge", VariantName = "main" }
  alarm_actions       = [aws_sns_topic.this.arn]
  treat_missing_data  = "notBreaching"
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "judge"
  dashboard_body = jsonencode({
    widgets = [{ type = "text", x = 0, y = 0, width = 6, height = 3, properties = { markdown = "# Judge" } }]
  })
}

resource "aws_sns_topic" "this" {
  name              = "judge-alarms"
  kms_master_key_id = aws_kms_key.this.arn
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Alarms", Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.this.arn
      Principal = { Service = ["cloudwatch.amazonaws.com"] }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_sns_topic_subscription" "this" {
  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = "ml@example.com"
}

resource "aws_budgets_budget" "this" {
  name         = "judge"
  budget_type  = "COST"
  limit_amount = "200"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  cost_filter {
    name   = "TagKeyValue"
    values = ["user:modelyard:environment$test"]
  }
  notification {
    comparison_operator       = "GREATER_THAN"
    threshold                 = 80
    threshold_type            = "PERCENTAGE"
    notification_type         = "ACTUAL"
    subscriber_sns_topic_arns = [aws_sns_topic.this.arn]
  }
}

resource "aws_ce_cost_allocation_tag" "this" {
  tag_key = "modelyard:judge"
  status  = "Active"
}

resource "aws_cloudtrail" "this" {
  name                       = "judge"
  s3_bucket_name             = aws_s3_bucket.this["logs"].id
  s3_key_prefix              = "trail"
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = aws_kms_key.this.arn
  cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.this.arn}:*"
  cloud_watch_logs_role_arn  = aws_iam_role.this.arn
  event_selector {
    read_write_type           = "All"
    include_management_events = true
    data_resource {
      type   = "AWS::S3::Object"
      values = ["${aws_s3_bucket.this["data"].arn}/"]
    }
  }
  depends_on = [aws_s3_bucket_policy.this]
}

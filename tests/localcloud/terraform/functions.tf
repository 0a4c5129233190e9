resource "aws_lambda_function" "this" {
  function_name    = "judge-idle"
  role             = aws_iam_role.this.arn
  runtime          = "python3.12"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  timeout          = 60
  memory_size      = 128
  environment {
    variables = { HOURS = "24" }
  }
}

resource "aws_lambda_permission" "this" {
  statement_id  = "Events"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.hourly.arn
}

resource "aws_cloudwatch_event_rule" "hourly" {
  name                = "judge-hourly"
  schedule_expression = "rate(1 hour)"
}

resource "aws_cloudwatch_event_target" "function" {
  rule      = aws_cloudwatch_event_rule.hourly.name
  target_id = "function"
  arn       = aws_lambda_function.this.arn
}

resource "aws_codebuild_project" "this" {
  name                   = "judge-reaper"
  description            = "Judged"
  service_role           = aws_iam_role.this.arn
  build_timeout          = 30
  concurrent_build_limit = 1
  artifacts { type = "NO_ARTIFACTS" }
  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
    environment_variable {
      name  = "WORD"
      value = "judged"
    }
  }
  logs_config {
    cloudwatch_logs {
      group_name = "/judge/reaper"
      status     = "ENABLED"
    }
  }
  source {
    type      = "NO_SOURCE"
    buildspec = jsonencode({ version = "0.2", phases = { build = { commands = ["true"] } } })
  }
}

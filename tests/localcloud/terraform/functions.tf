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

resource "aws_sagemaker_domain" "this" {
  domain_name             = "judge"
  auth_mode               = "IAM"
  vpc_id                  = aws_vpc.this.id
  subnet_ids              = aws_subnet.private[*].id
  app_network_access_type = "VpcOnly"
  kms_key_id              = aws_kms_key.this.arn
  default_user_settings {
    execution_role  = aws_iam_role.this.arn
    security_groups = [aws_security_group.workloads.id]
    jupyter_lab_app_settings {
      app_lifecycle_management {
        idle_settings {
          lifecycle_management        = "ENABLED"
          idle_timeout_in_minutes     = 120
          min_idle_timeout_in_minutes = 60
          max_idle_timeout_in_minutes = 480
        }
      }
    }
  }
  retention_policy { home_efs_file_system = "Delete" }
}

resource "aws_sagemaker_user_profile" "this" {
  domain_id         = aws_sagemaker_domain.this.id
  user_profile_name = "ada"
  user_settings {
    execution_role = aws_iam_role.this.arn
  }
}

resource "aws_sagemaker_studio_lifecycle_config" "this" {
  studio_lifecycle_config_name     = "judge"
  studio_lifecycle_config_app_type = "JupyterLab"
  studio_lifecycle_config_content  = base64encode("#!/bin/bash\necho hello\n")
}

resource "aws_sagemaker_feature_group" "this" {
  feature_group_name             = "judge-features"
  record_identifier_feature_name = "id"
  event_time_feature_name        = "time"
  role_arn                       = aws_iam_role.this.arn
  feature_definition {
    feature_name = "id"
    feature_type = "String"
  }
  feature_definition {
    feature_name = "time"
    feature_type = "String"
  }
  feature_definition {
    feature_name = "value"
    feature_type = "Fractional"
  }
  online_store_config {
    enable_online_store = true
    security_config { kms_key_id = aws_kms_key.this.arn }
    ttl_duration {
      unit  = "Days"
      value = 30
    }
  }
  offline_store_config {
    s3_storage_config {
      s3_uri     = "s3://${aws_s3_bucket.this["data"].id}/features"
      kms_key_id = aws_kms_key.this.arn
    }
    table_format = "Iceberg"
  }
}

resource "aws_sagemaker_model_package_group" "this" {
  model_package_group_name        = "judge-models"
  model_package_group_description = "Models"
}

resource "aws_sagemaker_model_package_group_policy" "this" {
  model_package_group_name = aws_sagemaker_model_package_group.this.model_package_group_name
  resource_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Readers", Effect = "Allow", Action = ["sagemaker:DescribeModelPackageGroup"]
      Principal = { AWS = "arn:aws:iam::${local.account}:root" }
      Resource  = aws_sagemaker_model_package_group.this.arn
    }]
  })
}

resource "aws_sagemaker_pipeline" "this" {
  pipeline_name         = "judge"
  pipeline_display_name = "judge"
  role_arn              = aws_iam_role.this.arn
  pipeline_definition = jsonencode({
    Version = "2020-12-01"
    Steps   = [{ Name = "Stop", Type = "Fail", Arguments = { ErrorMessage = "nothing to do" } }]
  })
}

resource "aws_sagemaker_model" "this" {
  name               = "judge"
  execution_role_arn = aws_iam_role.this.arn
  primary_container {
    image          = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
    model_data_url = "s3://${aws_s3_bucket.this["data"].id}/${aws_s3_object.model.key}"
    environment    = { SAGEMAKER_PROGRAM = "inference.py" }
  }
  vpc_config {
    subnets            = aws_subnet.private[*].id
    security_group_ids = [aws_security_group.workloads.id]
  }
}

resource "aws_s3_object" "model" {
  bucket = aws_s3_bucket.this["data"].id
  key    = "models/model.tar.gz"
  source = "${path.module}/model.tar.gz"
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  name        = "judge"
  kms_key_arn = aws_kms_key.this.arn
  production_variants {
    variant_name           = "main"
    model_name             = aws_sagemaker_model.this.name
    instance_type          = "ml.m5.large"
    initial_instance_count = 1
    initial_variant_weight = 1
  }
}

resource "aws_sagemaker_endpoint" "this" {
  name                 = "judge"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this.name
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "sagemaker"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.this.name}/variant/main"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  min_capacity       = 1
  max_capacity       = 2
}

resource "aws_appautoscaling_policy" "this" {
  name               = "judge"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  target_tracking_scaling_policy_configuration {
    target_value = 100
    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantInvocationsPerInstance"
    }
  }
}

resource "aws_sagemaker_mlflow_tracking_server" "this" {
  tracking_server_name = "judge"
  role_arn             = aws_iam_role.this.arn
  artifact_store_uri   = "s3://${aws_s3_bucket.this["data"].id}/mlflow"
}

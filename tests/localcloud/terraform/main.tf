# One resource of each type that our stacks and components use, as a user of Terraform would write it.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  max_retries                 = 2

  default_tags {
    tags = { "modelyard:project" = "judge", "modelyard:environment" = "test" }
  }
}

data "aws_caller_identity" "me" {}

data "aws_availability_zones" "here" {
  state = "available"
}

locals {
  account = data.aws_caller_identity.me.account_id
}

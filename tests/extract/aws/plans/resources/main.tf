terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_s3_bucket" "b" {
  for_each = toset(["open", "shut"])
  bucket   = "gate-${each.key}"
}

data "aws_iam_policy_document" "b" {
  for_each = toset(["open", "shut"])

  statement {
    sid       = "Public"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.b[each.key].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }

  statement {
    effect    = "Deny"
    actions   = ["s3:DeleteBucket"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "b" {
  for_each = toset(["open", "shut"])
  bucket   = aws_s3_bucket.b[each.key].id
  policy   = data.aws_iam_policy_document.b[each.key].json
}

resource "aws_s3_bucket_public_access_block" "shut" {
  bucket                  = aws_s3_bucket.b["shut"].id
  restrict_public_buckets = true
  ignore_public_acls      = true
}

resource "aws_s3_bucket_acl" "open" {
  bucket = aws_s3_bucket.b["open"].id
  acl    = "public-read"
}

resource "aws_sqs_queue" "q" {
  name   = "q"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Principal = { Service = "sns.amazonaws.com" }, Resource = "*", Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } } }] })
}

resource "aws_sns_topic" "t" {
  name = "t"
}

resource "aws_sns_topic_policy" "t" {
  arn    = aws_sns_topic.t.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sns:Publish", Principal = "*", Resource = aws_sns_topic.t.arn }] })
}

resource "aws_kms_key" "k" {
  policy = jsonencode({ Statement = ["no object"] })
}

resource "aws_lambda_permission" "events" {
  function_name = "existing"
  action        = "lambda:InvokeFunction"
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.t.arn
}

resource "aws_ecr_repository" "r" {
  name = "r"
}

resource "aws_ecr_repository_policy" "r" {
  repository = aws_ecr_repository.r.name
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Pull", Effect = "Allow", Action = ["ecr:BatchGetImage"], Principal = { AWS = "999999999999" } }] })
}

resource "aws_ami_launch_permission" "all" {
  image_id = "ami-12345678"
  group    = "all"
}

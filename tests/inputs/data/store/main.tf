terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "buckets" {
  type    = set(string)
  default = ["logs", "reports"]
}

provider "aws" {
  s3_use_path_style   = true
  region              = "eu-central-1"
  allowed_account_ids = ["123456789012"]
}

data "aws_caller_identity" "current" {}

resource "aws_s3_bucket" "store" {
  for_each      = var.buckets
  bucket_prefix = "acme-${each.key}-"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::public/*", aws_s3_bucket.store["logs"].arn, "${aws_s3_bucket.store["reports"].arn}/*"]
  }
}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = { owner = "team-a" }
}

resource "aws_iam_policy" "read" {
  name_prefix = "read-"
  policy      = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_user" "ci" {
  count = 2
  name  = "ci-${count.index}"
}

resource "aws_iam_user_policy_attachment" "ci" {
  count      = 2
  user       = aws_iam_user.ci[count.index].name
  policy_arn = aws_iam_policy.read.arn
}

# the role is created inside the module, the policy outside
module "reader" {
  source     = "./modules/reader"
  for_each   = toset(["blue", "green"])
  name       = "reader-${each.key}"
  policy_arn = aws_iam_policy.read.arn
  bucket     = aws_s3_bucket.store["logs"]
}

resource "aws_iam_role_policy_attachment" "outside" {
  role       = module.reader["blue"].role_name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

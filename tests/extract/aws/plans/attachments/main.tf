terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "after" {
  default = true
}

locals {
  lambda = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}

resource "aws_s3_bucket" "data" {
  bucket = "data"
}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.data.arn}/*"]
  }
}

data "aws_iam_policy_document" "read_and_list" {
  source_policy_documents = [data.aws_iam_policy_document.read.json]

  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "old" {
  name   = "old"
  path   = "/team/"
  policy = jsonencode({ Version = "2012-10-17", Statement = { Sid = "Old", Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" } })
}

resource "aws_iam_policy" "new" {
  count  = var.after ? 1 : 0
  name   = "new"
  policy = data.aws_iam_policy_document.read_and_list.json
}

resource "aws_iam_role" "each" {
  for_each           = toset(["a", "b"])
  name               = "each-${each.key}"
  assume_role_policy = local.lambda
  tags               = { Environment = "prod", Team = "payments", TTL = "2027-01-01" }
}

resource "aws_iam_role_policy_attachment" "each" {
  for_each   = var.after ? toset(["a", "b"]) : toset([])
  role       = aws_iam_role.each[each.key].name
  policy_arn = aws_iam_policy.new[0].arn
}

resource "aws_iam_role_policy_attachments_exclusive" "a" {
  role_name   = aws_iam_role.each["a"].name
  policy_arns = [aws_iam_policy.old.arn]
}

resource "aws_iam_role" "blocks" {
  count               = var.after ? 1 : 0
  name_prefix         = "blocks-"
  path                = "/svc/"
  description         = "Copies invoices"
  assume_role_policy  = local.lambda
  managed_policy_arns = ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess", aws_iam_policy.old.arn]

  inline_policy {
    name   = "one"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = "*" }] })
  }
}

resource "aws_iam_group" "people" {
  name = "people"
}

resource "aws_iam_user" "bob" {
  count                = 2
  name                 = "bob-${count.index}"
  permissions_boundary = var.after ? aws_iam_policy.old.arn : null
}

resource "aws_iam_user_group_membership" "bob" {
  count  = 2
  user   = aws_iam_user.bob[count.index].name
  groups = [aws_iam_group.people.name]
}

resource "aws_iam_policy_attachment" "old" {
  name       = "old"
  policy_arn = aws_iam_policy.old.arn
  groups     = [aws_iam_group.people.name]
  roles      = var.after ? [aws_iam_role.blocks[0].name] : []
}

resource "aws_iam_group_policy" "people" {
  count  = var.after ? 1 : 0
  group  = aws_iam_group.people.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = 7 }] })
}

resource "aws_iam_access_key" "bob" {
  count = var.after ? 2 : 0
  user  = aws_iam_user.bob[count.index].name
}

resource "aws_iam_role_policy_attachment" "existing" {
  count      = var.after ? 1 : 0
  role       = "existing"
  policy_arn = "arn:aws:iam::123456789012:policy/unseen"
}

# Written by tools/generate/coverage_roots.py: change that, not this.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["123456789012"]
  default_tags {
    tags = {
      Owner   = "payments@example.com"
      Purpose = "Proves that a path is caught"
    }
  }
}

# An administrator that every service of the paths may run as.
resource "aws_iam_role" "boss" {
  name               = "boss"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = SERVICES } }, { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::123456789012:root" } }] })
}

resource "aws_iam_role_policy" "boss" {
  role   = aws_iam_role.boss.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

# An administrator that none of those services may run as.
resource "aws_iam_role" "closed" {
  name               = "closed"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "support.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "closed" {
  role   = aws_iam_role.closed.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

# Ordinary ones.
resource "aws_iam_role" "plain" {
  name               = "plain"
  assume_role_policy = aws_iam_role.boss.assume_role_policy
}

resource "aws_iam_user" "plain" {
  name = "plain"
}

# An administrator's user, a group of administrators, and groups of nobody in particular.
resource "aws_iam_user" "boss" {
  name = "boss"
}

resource "aws_iam_user_policy" "boss" {
  user   = aws_iam_user.boss.name
  policy = aws_iam_role_policy.boss.policy
}

resource "aws_iam_group" "bosses" {
  name = "bosses"
}

resource "aws_iam_group_policy" "bosses" {
  group  = aws_iam_group.bosses.name
  policy = aws_iam_role_policy.boss.policy
}

resource "aws_iam_group" "staff" {
  name = "staff"
}

resource "aws_iam_group" "others" {
  name = "others"
}

resource "aws_iam_role" "caught" {
  for_each           = local.role_caught
  name               = "caught-${each.key}"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "caught" {
  for_each = local.role_caught
  role     = aws_iam_role.caught[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

resource "aws_iam_role" "twin" {
  for_each           = local.role_twin
  name               = "twin-${each.key}"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "twin" {
  for_each = local.role_twin
  role     = aws_iam_role.twin[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

resource "aws_iam_user" "caught" {
  for_each = local.user_caught
  name     = "caught-${each.key}"
}

resource "aws_iam_user_policy" "caught" {
  for_each = local.user_caught
  user     = aws_iam_user.caught[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

resource "aws_iam_user_group_membership" "caught" {
  for_each = local.user_caught
  user     = aws_iam_user.caught[each.key].name
  groups   = [aws_iam_group.staff.name]
}

resource "aws_iam_user" "twin" {
  for_each = local.user_twin
  name     = "twin-${each.key}"
}

resource "aws_iam_user_policy" "twin" {
  for_each = local.user_twin
  user     = aws_iam_user.twin[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "support.amazonaws.com" } }] })
}

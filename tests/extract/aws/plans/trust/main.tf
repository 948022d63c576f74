terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "me" {}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "github" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:acme/*"]
    }
  }
}

resource "aws_iam_role" "github" {
  name               = "github"
  assume_role_policy = data.aws_iam_policy_document.github.json
}

data "aws_iam_policy_document" "chain" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.github.arn]
    }
  }
}

resource "aws_iam_role" "chain" {
  name               = "chain"
  assume_role_policy = data.aws_iam_policy_document.chain.json
}

resource "aws_iam_role" "kinds" {
  name = "kinds"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Aws", Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = [
        "*", data.aws_caller_identity.me.account_id, "arn:aws:iam::999999999999:root", "arn:aws:iam::999999999999:role/deploy/x",
        "arn:aws:iam::123456789012:user/alice", "arn:aws:sts::123456789012:assumed-role/github/session", "AROAEXAMPLEEXAMPLE123",
      ] } },
      { Sid = "Others", Effect = "Allow", Action = "sts:AssumeRoleWithSAML", Principal = {
        Federated = ["arn:aws:iam::123456789012:saml-provider/idp", "accounts.google.com"], CanonicalUser = "79a59df900b949e55d96a1e698fbaced"
      } },
      { Sid = "Not", Effect = "Allow", Action = "sts:AssumeRole", NotPrincipal = { AWS = "arn:aws:iam::999999999999:root" } },
      { Sid = "Deny", Effect = "Deny", Action = "sts:SetSourceIdentity", Principal = "*" },
    ]
  })
}

resource "aws_iam_role" "inline" {
  name               = "inline"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.github.arn } }] })
}

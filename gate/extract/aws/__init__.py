"""Terraform resources of the AWS provider to facts."""

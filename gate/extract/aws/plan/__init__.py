"""Terraform plans in, the resources of one side out: by address, by reference, by ARN, and in which account."""

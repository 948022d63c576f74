"""HCP Terraform's run task: a signed request comes in, a verdict with its reasons goes back to the callback.

https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run-tasks/run-tasks-integration
"""

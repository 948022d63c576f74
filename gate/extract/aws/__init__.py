"""Terraform resources of the AWS provider in, facts out.

From the top: adapter, access, compute, resources, trust, identities, documents, plan, language.
"""

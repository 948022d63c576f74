"""Terraform source in, out come its blocks and literal values, with lines."""

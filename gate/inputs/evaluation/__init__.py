"""Terraform itself evaluates a source directory, without credentials and without touching it.

``terraform test`` with ``command = plan``, every provider mocked or given dummy settings, and every attribute that only
an apply would tell overridden by a *symbol*: a text that stands for one attribute of one resource.
"""

"""Terraform evaluates a source directory while nothing of anybody executes, and without touching the directory.

Terraform itself plans a private copy. Every provider is the gate's own inert one (``inert/``, Go), which serves schemas
and answers with *stand-ins*: texts that stand for one attribute of one resource, in the form such a value has.
"""

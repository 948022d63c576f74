"""Kubernetes objects in, facts out.

From the top: adapter, access, guards, rewriting, compute, resources, trust, identities, documents, language.
"""

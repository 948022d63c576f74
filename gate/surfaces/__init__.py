"""Protocols around check(): admission webhook, run task, GitHub."""

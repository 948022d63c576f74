"""The deployment gate: works out what each identity could do if a change goes live, and lets OPA allow or deny it."""

__version__ = "0.1.0"

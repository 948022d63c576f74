"""The deployment gate: what could each identity do if this change goes live, and is that acceptable?"""

__version__ = "0.1.0"

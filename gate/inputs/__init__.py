"""Bytes to typed documents with source locations."""

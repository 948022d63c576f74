"""Bytes in, typed documents with source locations out."""

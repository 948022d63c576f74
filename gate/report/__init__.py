"""A decision to text; one file a format."""

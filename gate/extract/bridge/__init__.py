"""The facts of two platforms in, edges between them out."""

"""Commands with many options of their own: arguments, and nothing else."""

"""Facts and decisions as frozen dataclasses; no input or output, imports nothing of ours."""

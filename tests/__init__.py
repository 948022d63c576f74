"""Tests of the gate: folders mirror `gate/`; what several modules share is imported as `tests.…`."""

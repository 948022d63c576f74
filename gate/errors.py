"""The exception tree.

Every error the gate raises on purpose is a ``GateError``; the command line prints its message and exits 2.

    GateError
    ├── UsageError              a flag, an option or a combination of them that makes no sense
    ├── InputError              a file that could not be read or is not what it claims to be
    │   ├── ConfigError         gate.yaml
    │   └── ClusterError        a cluster that could not be reached, or does not answer as an API server does
    ├── EvaluationError         Terraform could not evaluate a source directory
    │   └── EvaluationTimeout
    ├── EngineError             Open Policy Agent: missing, wrong version, died, timed out, answered nonsense
    │   ├── EngineNotFound
    │   └── PolicyError         Rego that does not load: ours or the organisation's
    └── DecisionError           an answer of the engine that is not a decision

A message names what was being read, where, what was expected, and what to do next. It never contains a value read
from an input that could be a secret: positions and types, not contents.
"""


class GateError(Exception):
    """Anything that ends in "no decision". ``hint`` is the next step, printed on a line of its own."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(GateError):
    """The command was called in a way that makes no sense."""


class InputError(GateError):
    """A file could not be read, or is not what it claims to be."""


class ConfigError(InputError):
    """gate.yaml is not valid."""


class ClusterError(InputError):
    """A cluster could not be reached, or did not answer as an API server does."""


class EvaluationError(GateError):
    """Terraform could not evaluate a source directory."""


class EvaluationTimeout(EvaluationError):
    """Terraform, or a provider, did not come back in time."""


class EngineError(GateError):
    """Open Policy Agent is missing, too old, died, timed out or answered nonsense."""


class EngineNotFound(EngineError):
    """No usable ``opa`` executable."""


class PolicyError(EngineError):
    """Rego did not load: the message carries OPA's own, with file and line."""


class DecisionError(EngineError):
    """The engine answered, but not with a decision."""

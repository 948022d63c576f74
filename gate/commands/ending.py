"""How a command ends before it is done: it was told to, or its time is over. Either way no decision was made."""

from __future__ import annotations

import signal
import threading

from gate.errors import GateError


class Ending:
    """``install`` once, ``limit`` when a command has a time limit; ``why`` says what ended it."""

    def __init__(self) -> None:
        self._told, self._seconds, self._late = False, 0.0, False

    def install(self) -> None:
        """From here on a signal ends the command as Ctrl-C does: children end, and temporary folders go."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)

    def limit(self, seconds: float) -> None:
        """End the command after ``seconds`` of wall time, whatever it does then."""
        self._seconds = seconds
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._over)
            # Again and again: whoever catches the first one by mistake does not go on for ever.
            signal.setitimer(signal.ITIMER_REAL, seconds, 30.0)
        else:  # Windows
            timer = threading.Timer(seconds, self._over_here)
            timer.daemon = True
            timer.start()

    @property
    def why(self) -> GateError | None:
        """The error to show when the command was ended; ``None`` when it was not."""
        if self._late:
            return GateError(
                f"the check did not finish within {self._seconds:g} s",
                hint="Check the parts of the change one by one, or give it more time: --time-limit SECONDS.",
            )
        return GateError("interrupted") if self._told else None

    def _over_here(self) -> None:
        self._late = True
        signal.raise_signal(signal.SIGINT)

    def _end(self, _number: int, _frame: object) -> None:
        self._told = True
        raise KeyboardInterrupt

    def _over(self, _number: int, _frame: object) -> None:
        self._late = True
        raise KeyboardInterrupt


ENDING = Ending()
"""Of this process: signals belong to all of it."""

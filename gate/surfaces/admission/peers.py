"""Who asks: an address that has sent whole reviews is known, everybody else is a stranger.

A server cannot tell an API server from a pod unless the API server shows a certificate. What it can tell is who wastes:
an API server sends each review whole and at once, and waits for the answer.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_REMEMBERED = 4096
"""Addresses that are remembered. Those with connections are never forgotten."""
_KNOWN_SECONDS = 24 * 3600.0
_WASTED_SECONDS = 600.0
_HALF_LIFE = 60.0

CONNECTION = 64 * 1024
"""What a new connection costs beside what is read on it, in bytes: a handshake takes a millisecond or two."""
REQUEST = 8 * 1024
"""What a request costs beside its body."""


@dataclass(slots=True)
class Peer:
    """One address. ``connections``: how many it has; ``held``: bytes of its reviews under way."""

    address: str
    connections: int = 0
    held: int = 0
    judged: float = float("-inf")
    wasted: float = float("-inf")
    _spent: float = 0.0
    _spent_at: float = 0.0

    @property
    def known(self) -> bool:
        """Whether it has sent a whole review of late, and has wasted nothing of late."""
        now = time.monotonic()
        return now - self.judged < _KNOWN_SECONDS and now - self.wasted > _WASTED_SECONDS

    @property
    def spent(self) -> float:
        """What it cost of late, in bytes; half of it is forgotten each minute."""
        return float(self._spent * 0.5 ** ((time.monotonic() - self._spent_at) / _HALF_LIFE))

    def spend(self, cost: float) -> None:
        """Remember a cost."""
        self._spent, self._spent_at = self.spent + cost, time.monotonic()

    def has_judged(self) -> None:
        """A review of it was whole."""
        self.judged = time.monotonic()

    def has_wasted(self) -> None:
        """It began something that it did not finish, or sent what is no review."""
        self.wasted = time.monotonic()


class Peers:
    """The addresses of late."""

    def __init__(self) -> None:
        self._peers: OrderedDict[str, Peer] = OrderedDict()

    def of(self, address: str) -> Peer:
        """The peer behind an address; an IPv4 address is the same one in IPv6's clothes."""
        address = address.removeprefix("::ffff:")
        peer = self._peers.get(address)
        if peer is None:
            self._forget()
            peer = self._peers[address] = Peer(address)
        self._peers.move_to_end(address)
        return peer

    def _forget(self) -> None:
        for address in list(self._peers)[: max(0, len(self._peers) - _REMEMBERED + 1)]:
            peer = self._peers[address]
            if not peer.connections and not peer.held:
                del self._peers[address]


class Allowance:
    """What strangers together may cost: ``burst`` bytes at once, and ``rate`` bytes a second from then on."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left, self._at = burst, clock()

    @property
    def left(self) -> float:
        """Bytes that may be spent now; below zero when more was spent than there was."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        return self._left

    @property
    def pause(self) -> float:
        """Seconds until something is left again."""
        return max(0.0, -self.left / self._rate)

    def spend(self, peer: Peer, cost: float) -> None:
        """Take ``cost`` bytes from it, on account of ``peer``."""
        self._left = self.left - cost
        peer.spend(cost)

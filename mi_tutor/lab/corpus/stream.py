"""A stream of numbers that is the same on every machine and in every version of Python.

`random.Random` promises this for `random()` only, not for `shuffle` or `choice`. SHA-256 in counter mode does
for all, and the corpus needs no speed.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Stream:
    """Deterministic bytes, integers, choices and shuffles from a seed string."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.counter = 0

    def integer(self, below: int) -> int:
        """A number in 0 ... below - 1; the bias of the remainder is under below / 2**64."""
        block = hashlib.sha256(f"{self.seed}:{self.counter}".encode()).digest()
        self.counter += 1
        return int.from_bytes(block[:8], "big") % below

    def between(self, low: int, high: int) -> int:
        """A number in low ... high, both included."""
        return low + self.integer(high - low + 1)

    def bytes(self, count: int) -> bytes:
        """`count` uniform bytes."""
        return bytes(self.integer(256) for _ in range(count))

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[self.integer(len(options))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """A new list in random order (Fisher and Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.integer(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

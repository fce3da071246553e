"""One line that moves in a terminal, and a few plain lines in a log."""

from __future__ import annotations

import shutil
import sys

WIDTH = 28


class Progress:
    """A bar over `total` units. Away from a terminal it prints one line at every quarter.

    Use as a context manager, so that the line is closed whatever happens.
    """

    def __init__(self, title: str, total: int, unit: str, scale: float = 1) -> None:
        self.title, self.total, self.unit, self.scale = title, max(total, 1), unit, scale
        self.terminal = sys.stdout.isatty()
        self.quarters = 0

    def __enter__(self) -> Progress:
        if not self.terminal:
            print(f"{self.title} ...", flush=True)
        self.show(0)
        return self

    def show(self, done: float, note: str = "") -> None:
        share = min(max(done / self.total, 0.0), 1.0)
        numbers = f"{done / self.scale:.0f}/{self.total / self.scale:.0f} {self.unit}"
        if self.terminal:
            bar = "#" * int(share * WIDTH)
            line = f"{self.title} [{bar:<{WIDTH}}] {numbers} {note}"
            columns = shutil.get_terminal_size().columns - 1
            print("\r" + line[:columns].ljust(columns), end="", flush=True)
        elif int(share * 4) > self.quarters:
            self.quarters = int(share * 4)
            print(f"  {numbers}", flush=True)

    def __exit__(self, *_: object) -> None:
        if self.terminal:
            print(flush=True)

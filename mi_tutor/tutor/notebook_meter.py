"""Seconds and resident memory of each notebook while nbval runs it, held to the course's limits."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mi_tutor.bootstrap import places
from mi_tutor.tutor import catalogue

MINUTES, MEGABYTES = 4, 1600  # binary megabytes (2**20 bytes), as Binder's limit of 2 GB is counted
# The limit is for two cores. Side by side a notebook has one of them, and shares caches and memory with the other.
SIDE_BY_SIDE = 1.4
EVERY = 0.2  # seconds between two looks at the kernel's memory


@dataclass
class Book:
    """What was measured of one notebook."""

    seconds: float = 0.0
    busy: float = 0.0  # seconds of processor time, all cores together
    peak: float = 0.0  # MB (10^6 bytes), the kernel and its children together
    cells: int = 0
    checked: int = 0
    began: float = 0.0  # by the clock of files
    first: bool = False  # whether it put something into the course's cache, which the next run finds there


class Meter:
    """Watches the kernels that this process starts."""

    def __init__(self):
        self.books: dict[str, Book] = {}
        self._watched: Book | None = None
        self._thread: threading.Thread | None = None

    def with_limits(self, items: list) -> list:
        """The tests with one more after the last cell of each notebook: that it kept to the limits."""
        result = []
        for item, following in zip(items, [*items[1:], None], strict=True):
            result.append(item)
            if _is_cell(item):
                self.books.setdefault(item.path.stem, Book())
                if following is None or following.path != item.path:
                    result.append(Within.from_parent(item.parent, name="4 minutes, 1.6 GB", meter=self))
        return result

    @contextlib.contextmanager
    def watching(self, item) -> Iterator[None]:
        """Count the time and memory of a cell towards its notebook."""
        if not _is_cell(item):
            yield
            return
        book = self.books[item.path.stem]
        book.began = book.began or time.time()
        book.cells += 1
        book.checked += _compares(item)
        self._watched = book
        self._start()
        started = time.perf_counter()
        try:
            yield
        finally:
            book.seconds += time.perf_counter() - started
            self._watched = None

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._poll, daemon=True)
            self._thread.start()

    def _poll(self) -> None:
        import psutil

        here = psutil.Process()
        while True:
            book = self._watched
            if book is not None:
                resident, busy = _used(here)
                book.peak, book.busy = max(book.peak, resident / 2**20), max(book.busy, busy)
            time.sleep(EVERY)


def table(books: dict[str, Book]) -> list[str]:
    """Chapter, seconds, seconds of processor time, peak resident MB, cells whose output is compared."""
    lines = [f"{'chapter':<24}{'seconds':>9}{'CPU s':>8}{'peak MB':>9}{'checked cells':>15}"]
    for path, book in sorted(books.items()):
        name = path.rpartition("/")[2].removesuffix(".ipynb")
        first = "  (first run: its cache was empty)" if book.first else ""
        lines.append(f"{name:<24}{book.seconds:>9.0f}{book.busy:>8.0f}{book.peak:>9.0f}{book.checked:>15}{first}")
    return [*lines, f"{'at most':<24}{MINUTES * 60:>9}{'':>8}{MEGABYTES:>9}"]


class Within(pytest.Item):
    """A test that a notebook, now run to its end, kept to the limits."""

    def __init__(self, *, meter: Meter, **kwargs):
        super().__init__(**kwargs)
        self.meter = meter
        self.obj = None

    def measured(self) -> Book:
        return self.meter.books[self.path.stem]

    def runtest(self):
        book = self.measured()
        chapter = next((c for c in catalogue.chapters() if f"{c.number}_{c.name}" == self.path.stem), None)
        book.first = bool(chapter and chapter.first_run and _kept_since(book.began))
        minutes = chapter.first_run if book.first else MINUTES
        # On a busy machine the clock runs on while the notebook waits for a core; that is not the notebook's fault.
        allowed = minutes * 60 * (SIDE_BY_SIDE if "PYTEST_XDIST_WORKER" in os.environ else 1)
        if min(book.seconds, book.busy) > allowed:
            raise OverLimit(f"{self.path.name} took {book.seconds:.0f} s; at most {minutes * 60} are promised.")
        if book.peak > MEGABYTES:
            raise OverLimit(f"{self.path.name} held {book.peak:.0f} MB at its peak; at most {MEGABYTES} are promised.")

    def repr_failure(self, excinfo, style=None):
        return str(excinfo.value)

    def reportinfo(self):
        return self.path, 0, f"{self.path.name}: {self.name}"


class OverLimit(AssertionError):
    """A notebook that takes too long or too much memory."""


def _kept_since(moment: float) -> bool:
    """Whether a file came into the course's cache after this moment."""
    return any(file.stat().st_mtime > moment for file in places.cache().rglob("*") if file.is_file())


def _is_cell(item) -> bool:
    return type(item).__name__ == "IPyNbCell"


def _compares(item) -> bool:
    """Whether nbval compares an output of this cell (exercise cells are not counted)."""
    from mi_tutor.tutor.author.promised.notebooks import is_checked

    return is_checked(item.cell)


def _used(process) -> tuple[int, float]:
    """Resident bytes and processor seconds of the children of this process, their own children included."""
    import psutil

    resident, seconds = 0, 0.0
    for child in process.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            resident += child.memory_info().rss
            times = child.cpu_times()
            seconds += times.user + times.system
    return resident, seconds

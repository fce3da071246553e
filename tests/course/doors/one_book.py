"""Execute one notebook with the reference and print what it took: `python one_book.py NOTEBOOK`."""

import json
import resource
import sys
import time
from pathlib import Path

import nbformat

from mi_tutor.tutor.author import notebooks


def main(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    started = time.perf_counter()
    notebooks.run(notebook, path.parent)
    seconds = time.perf_counter() - started
    kernel = resource.getrusage(resource.RUSAGE_CHILDREN)  # of the children that have ended: the largest one
    print(json.dumps({
        "seconds": seconds, "busy": kernel.ru_utime + kernel.ru_stime, "resident": kernel.ru_maxrss / 2**10,
    }))  # fmt: skip


main(Path(sys.argv[1]))

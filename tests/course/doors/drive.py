"""Run cells in a kernel of the Python that runs this file: `python drive.py CELLS.json OUT.ipynb`.

Uses the nbclient of that Python. A cell that fails does not stop the rest; what each cell showed is in the notebook.
"""

import json
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook


def main(cells: Path, out: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell(source) for source in json.loads(cells.read_text("utf-8"))])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    client = NotebookClient(notebook, timeout=900, allow_errors=True, resources={"metadata": {"path": str(out.parent)}})
    with client.setup_kernel():
        for place, cell in enumerate(notebook.cells):
            started = time.perf_counter()
            client.execute_cell(cell, place)
            cell.metadata["seconds"] = time.perf_counter() - started
    nbformat.write(notebook, out)


main(Path(sys.argv[1]), Path(sys.argv[2]))

"""Stored numbers may differ in the last digit on another processor, and more where a cell says that it drifts."""

import subprocess
import sys

import nbformat
import pytest

from mi_tutor.tutor.notebook_numbers import nearly


@pytest.mark.parametrize(
    ("got", "stored", "always", "drifting"),
    [
        ("loss 0.71", "loss 0.72", True, True),  # one unit of the last digit
        ("loss 0.71", "loss 0.73", False, True),
        ("loss 0.71", "loss 0.91", False, False),  # 28%
        ("loss 412.0", "loss 430.0", False, True),  # 4%
        ("20 of 36", "21 of 36", False, True),  # counts move only where a training run does
        ("20 of 36", "26 of 36", False, False),
        ("9 found", "10 found", False, True),
        ("loss 0.7", "gain 0.7", False, False),
        ("up by +0.02", "up by -0.02", False, True),
        ("up by +0.2", "up by -0.2", False, True),  # five units
        ("up by +0.4", "up by -0.4", False, False),
        ("head 23.3", "head 23.4", False, True),  # a name that looks like a number
        ("0.71   12", "0.71 12", True, True),
        ("0.71 12", "0.71", False, False),
        ("version v2", "version v3", False, False),
    ],
)
def test_words_are_equal_and_numbers_nearly(got, stored, always, drifting):
    assert nearly(got, stored, drifts=False) is always
    assert nearly(got, stored, drifts=True) is drifting


def test_nbval_takes_it_so(tmp_path):
    """Four cells of one notebook: within the last digit, beyond it, drifting, and a figure's alt text."""
    html = "from IPython.display import HTML\nHTML('<img alt=\"about 0.51\">')"
    cells = []
    for source, stored, tags in (
        ("print('fve', 0.71)", "fve 0.72\n", []),
        ("print('fve', 0.71)", "fve 0.74\n", []),
        ("print('dead', 19)", "dead 21\n", ["drifts"]),
    ):
        output = nbformat.v4.new_output("stream", name="stdout", text=stored)
        cells.append(
            nbformat.v4.new_code_cell(source, outputs=[output], metadata={"tags": tags}, execution_count=len(cells) + 1)
        )
    data = {
        "text/html": '<img alt="about 0.5">'.replace("0.5", "0.52"),
        "text/plain": "<IPython.core.display.HTML object>",
    }
    figure = nbformat.v4.new_output("execute_result", data=data, execution_count=4)
    cells.append(nbformat.v4.new_code_cell(html, outputs=[figure], execution_count=4))
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "book.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--color=no", "-p", "mi_tutor.tutor.notebook_numbers"]
    command += ["-p", "no:cacheprovider", "--nbval", "--nbval-current-env", "--rootdir", str(tmp_path)]
    done = subprocess.run([*command, "book.ipynb"], cwd=tmp_path, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith(("PASSED", "FAILED")) and "::Cell" in line]
    verdicts = {line.split("::")[1].split(" -")[0]: line.split()[0] for line in lines}
    assert verdicts == {"Cell 0": "PASSED", "Cell 1": "FAILED", "Cell 2": "PASSED", "Cell 3": "PASSED"}, done.stdout

"""`learn` starts a JupyterLab that answers at the printed address, on the right notebook."""

import contextlib
import os
import re
import subprocess
import sys
import time
import urllib.request

import pytest

from mi_tutor.bootstrap import learn
from mi_tutor.bootstrap.problem import Problem

NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@contextlib.contextmanager
def served(notebook, settings):
    """The address that `learn` prints for a notebook; `settings` is the folder of the learner's own."""
    code = "import sys; from mi_tutor.bootstrap.learn import open_lab; open_lab(sys.argv[1], browser=False)"
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(notebook)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(settings)},
    )
    try:
        yield next(found.group() for line in child.stdout if (found := re.search(r"http://127\S+", line)))
    finally:
        child.terminate()
        child.communicate(timeout=30)


def answered(address: str) -> str:
    """The page at the address, as soon as JupyterLab gives it."""
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert answer.status == 200
                return answer.read().decode()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_jupyterlab_answers_at_the_printed_address(tmp_path):
    """The address leads to the notebook, spaces in its name included, and the token lets the learner in."""
    notebook = tmp_path / "a first chapter.ipynb"
    notebook.write_text(NOTEBOOK)
    with served(notebook, tmp_path / "jupyter") as address:
        assert "/lab/tree/a%20first%20chapter.ipynb" in address
        assert "custom/custom.css" in answered(address)
        ours = answered(re.sub(r"/lab.*\?", "/custom/custom.css?", address))
    assert ours == (learn.SETTINGS / "custom" / "custom.css").read_text()


def test_the_learners_own_style_wins(tmp_path):
    """Where the learner has a custom.css, JupyterLab shows that one."""
    notebook = tmp_path / "chapter.ipynb"
    notebook.write_text(NOTEBOOK)
    own = tmp_path / "jupyter" / "custom" / "custom.css"
    own.parent.mkdir(parents=True)
    own.write_text("body { color: teal }")
    with served(notebook, tmp_path / "jupyter") as address:
        assert answered(re.sub(r"/lab.*\?", "/custom/custom.css?", address)) == own.read_text()


def test_a_missing_chapter_is_one_sentence(tmp_path):
    """A deleted notebook: the sentence says how to get it back."""
    with pytest.raises(Problem, match="git checkout"):
        learn.open_lab(tmp_path / "gone.ipynb")


def test_a_busy_port_is_passed_over():
    """With 8888 taken, the next free port is used."""
    import socket

    with socket.socket() as busy:
        first = learn._free_port()
        busy.bind(("127.0.0.1", first))
        assert learn._free_port() > first


def test_no_browser_and_the_news_dialog_is_silent(tmp_path):
    """The options reach JupyterLab."""
    quiet = learn.lab_command(tmp_path, tmp_path / "x.ipynb", 8888, browser=False)
    assert "--no-browser" in quiet and "--LabApp.news_url=None" in quiet
    assert "--no-browser" not in learn.lab_command(tmp_path, tmp_path / "x.ipynb", 8888, browser=True)

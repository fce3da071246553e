"""`binder/` makes an image: repo2docker understands it, and its steps work in an empty environment."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from environments import Environment

from mi_tutor.bootstrap import pins

ROOT = Path(__file__).resolve().parents[3]
BINDER = ROOT / "binder"
PINNED = "jupyter-repo2docker==2026.4.0"


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in listed.split("\0") if path and not path.startswith("chapters/drafts/")]


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """What a clone holds, so that nothing of a learner and no `.venv` comes along."""
    folder = tmp_path_factory.mktemp("binder") / "course"
    for path in tracked():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    return folder


def test_the_files_are_as_binder_reads_them():
    assert re.fullmatch(r"python-3\.\d+", (BINDER / "runtime.txt").read_text().strip())
    assert os.access(BINDER / "postBuild", os.X_OK)
    assert (BINDER / "postBuild").read_text().startswith("#!/bin/bash\n")
    lines = (BINDER / "requirements.txt").read_text().splitlines()
    assert "--extra-index-url https://download.pytorch.org/whl/cpu" in lines
    loose = [line for line in lines if line and not line.startswith(("#", "--")) and "==" not in line]
    assert loose == []


@pytest.mark.slow
def test_repo2docker_understands_it(clone, tmp_path):
    """`jupyter-repo2docker --no-build --debug` prints the image's recipe: our Python, our lock, our postBuild."""
    environment = Environment(tmp_path / "env")
    environment.install(PINNED)
    command = (environment.folder / "bin" / "jupyter-repo2docker", "--no-build", "--debug", ".")
    done = environment.run(*command, cwd=clone)
    assert done.returncode == 0, done.stderr
    recipe = done.stdout
    version = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"python={version}" in done.stderr
    steps = (
        'pip install --no-cache-dir -r "binder/requirements.txt"',
        "COPY --chown=0:0 src/ ${REPO_DIR}/",
        "RUN ./binder/postBuild",
    )
    places = [recipe.index(step) for step in steps]
    assert places == sorted(places)


@pytest.mark.complete
def test_its_steps_work_in_an_empty_environment(clone, tmp_path):
    """The steps of the recipe by hand: the lock, postBuild, and then a chapter in the environment that came of it."""
    wanted = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    if wanted != f"{sys.version_info[0]}.{sys.version_info[1]}":
        pytest.skip(f"Binder uses Python {wanted}, this is another one")
    environment = Environment(tmp_path / "env")
    # The lock as it is, but without PyTorch's CPU index where that cannot be reached: pip would wait for it long.
    environment.install("-r", pins.for_this_machine(clone / "binder" / "requirements.txt", tmp_path).path)
    cache = {"MI_TUTOR_CACHE": str(tmp_path / "cache"), "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter")}
    built = environment.run(clone / "binder" / "postBuild", cwd=clone, **cache)
    assert built.returncode == 0, built.stdout + built.stderr
    asked = "import mi_tutor, torch, json; print(json.dumps([mi_tutor.__file__, torch.version.cuda]))"
    found = json.loads(environment.run(environment.python, "-c", asked, cwd="/", **cache).stdout)
    assert found == [str(clone / "mi_tutor" / "__init__.py"), None]  # the CPU build of torch
    command = (environment.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env")
    sanitise = ("--nbval-sanitize-with", clone / "tests/course/nbval.ini")
    like_build = {"MI_TUTOR_ANSWERS": "reference", "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    ran = environment.run(*command, *sanitise, "chapters/00_start_here.ipynb", cwd=clone, **cache, **like_build)
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert (tmp_path / "jupyter" / "custom" / "custom.css").is_file()
    assert not (clone / ".venv").exists()

"""A real JupyterLab and a real Chromium. Without a browser these tests are skipped, with the reason."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from mi_tutor.bootstrap import learn
from mi_tutor.tutor import workspace

CHROMIUM_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET = "`apt-get install chromium`, or `.venv/bin/python -m playwright install --with-deps chromium`"
# All cells are in the page, also those out of sight: a test looks at the page and not at what was scrolled into it.
NOTEBOOK_SETTINGS = {"windowingMode": "none", "scrollPastLastCell": False}


@pytest.fixture
def course(tmp_path) -> Path:
    """A workspace of its own: exercises and notebooks are copies, the rest is the project's."""
    folder = tmp_path / "course"
    for part in ("mi_tutor/exercises", "chapters"):
        shutil.copytree(workspace.root() / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("solutions", "tests"):
        (folder / part).symlink_to(workspace.root() / part)
    return folder


@pytest.fixture(scope="session")
def chromium():
    """The browser: playwright's own where it was installed, else one on the PATH."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: `pip install playwright` and a Chromium"
    )
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with playwright.sync_playwright() as driver:
        if Path(driver.chromium.executable_path).exists():
            found = driver.chromium.executable_path
        if found is None:
            pytest.skip(f"there is no Chromium; to get one: {HOW_TO_GET}")
        browser = driver.chromium.launch(executable_path=found, headless=True, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def lab(course, tmp_path):
    """Start JupyterLab on the workspace; returns a function that gives its address."""
    servers = []
    settings = tmp_path / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps(NOTEBOOK_SETTINGS))

    def start(**environment: str) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # As `learn` starts it, but that the test knows the token and may ask the page how far its cells are.
        command = learn.lab_command(course, Path("chapters/00_start_here.ipynb"), port, browser=False)
        command += ["--IdentityProvider.token=t", "--LabApp.expose_app_in_browser=True"]
        env = {**os.environ, "MI_TUTOR_WORKSPACE": str(course), "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter")}
        env |= {"JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings")}
        # Trust and workspaces are kept beside the test, and not among the learner's own.
        env |= {"JUPYTER_DATA_DIR": str(tmp_path / "data"), "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces")}
        env.pop("MI_TUTOR_ANSWERS", None)
        log = open(tmp_path / "jupyterlab.log", "a")  # noqa: SIM115 - the server writes to it until it is stopped
        servers.append(subprocess.Popen(command, env=env | environment, stdout=log, stderr=subprocess.STDOUT))
        log.close()
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/api?token=t").read()
                return address
            except OSError:
                time.sleep(0.5)
        raise RuntimeError(f"JupyterLab did not start: {(tmp_path / 'jupyterlab.log').read_text()[-2000:]}")

    yield start
    for server in servers:
        server.terminate()
        stopped(server)


def stopped(server: subprocess.Popen) -> None:
    """Wait for a server that was asked to stop; on a busy machine do not wait for ever."""
    try:
        server.wait(timeout=60)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()

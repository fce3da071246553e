"""Open JupyterLab on one notebook."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from mi_tutor.bootstrap import places
from mi_tutor.bootstrap.problem import Problem

FIRST_PORT = 8888
# Code wraps, so that no line of an exercise is cut off; no question about news lies over the first page; printed tables
# fit a narrow window. The learner's own settings still win.
SETTINGS = Path(__file__).parent / "lab_settings"


def open_lab(chapter: Path | str, *, browser: bool = True) -> int:
    """Start JupyterLab on `chapter`, print its address, and serve until the learner stops it with Ctrl-C.

    Args:
        chapter: the notebook, absolute or relative to the project.
        browser: open it in the browser; otherwise only print the address.

    Returns:
        JupyterLab's exit code (Windows). Elsewhere this process becomes JupyterLab and does not return.

    Raises:
        Problem: the notebook does not exist.
    """
    root = places.PROJECT if places.is_checkout() else Path.cwd()
    notebook = (root / chapter).resolve()
    if not notebook.is_file():
        raise Problem(f"The notebook {notebook} is missing: get it back with `git checkout -- chapters`.")
    if root not in notebook.parents:
        root = notebook.parent
    command = lab_command(root, notebook.relative_to(root), _free_port(), browser)
    if places.is_checkout():
        places.put_first(root)
    print(f"Opening {notebook.relative_to(root)}. Stop JupyterLab with Ctrl-C here.", flush=True)
    if places.WINDOWS:
        return subprocess.call(command, cwd=root)
    os.chdir(root)
    os.execv(command[0], command)
    return 0  # not reached


def lab_command(root: Path, notebook: Path, port: int, browser: bool) -> list[str]:
    """The command line for JupyterLab. It prints its address with the access token itself.

    The notebook is given as the default address and not as a file to open, since only then does the printed address
    lead to it.
    """
    address = "/lab/tree/" + quote(notebook.as_posix())
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", f"--LabApp.default_url={address}"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=50"]
    command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += [f"--LabApp.app_settings_dir={SETTINGS}", "--LabApp.custom_css=True"]
    styles = [str(folder / "custom") for folder in (_own_settings(), SETTINGS)]
    command += [f"--ServerApp.tornado_settings={ {'static_custom_path': styles} }"]
    command += ["--FileContentsManager.pre_save_hook=mi_tutor.bootstrap.saving.without_widgets"]
    command += ["--log-level=WARN"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # containers; JupyterLab refuses otherwise
    if not browser:
        command.append("--no-browser")
    return command


def _own_settings() -> Path:
    from jupyter_core.paths import jupyter_config_dir  # installed with JupyterLab, which may come after this module

    return Path(jupyter_config_dir())


def _free_port() -> int:
    """The first free port from 8888 on, so that the printed address is the right one."""
    for port in range(FIRST_PORT, FIRST_PORT + 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Problem("No port between 8888 and 8937 is free: stop a JupyterLab that is still running and try again.")

"""What the learner has to put right is one sentence; once it is put right, the same command finishes.

The tests may run as root, whom permission bits do not bind. So a read-only folder is a read-only mount, and a full
disk a small tmpfs, both in a mount namespace of the test's own.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from stages import told_in_one_sentence

MOUNTS = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]


def can_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*MOUNTS, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0


needs_mounts = pytest.mark.skipif(not can_mount(), reason="mounting is not allowed here")


def mounted(script: str) -> tuple:
    """A prefix for a command: run it where `script` has mounted something."""
    return (*MOUNTS, "sh", "-c", f'{script} && cd "$PWD" && exec "$@"', "sh")


def test_no_network_and_then_network(finished, index):
    """An index that refuses connections is one sentence, and what was there before is not thrown away."""
    settings = {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    before = finished.log.count("-m venv")
    done = finished.setup(**settings, MI_TUTOR_LOCK=str(index / "lock-2.0.txt"))
    told_in_one_sentence(done, "cannot be reached", "network")
    assert finished.setup().returncode == 0
    assert finished.log.count("-m venv") == before


def test_an_index_without_the_package(finished, tmp_path):
    """PIP_NO_INDEX with an empty folder: the sentence names the setting to look at."""
    lock = tmp_path / "lock.txt"
    lock.write_text("no-such-package-anywhere==1.0\n")
    done = finished.setup(PIP_FIND_LINKS=str(tmp_path), MI_TUTOR_LOCK=str(lock))
    told_in_one_sentence(done, "no-such-package-anywhere", "PIP_NO_INDEX")
    assert finished.setup().returncode == 0


@needs_mounts
def test_the_disk_is_full(stage):
    """A disk of 6 MB is full while .venv is made: the sentence says to free some."""
    copy = f"mount -t tmpfs -o size=6m none /mnt && cp -r {stage.project}/. /mnt && cd /mnt && PWD=/mnt"
    told_in_one_sentence(stage.run("setup", "--no-weights", before=mounted(copy)), "free some")


@needs_mounts
def test_too_little_room_is_seen_before_anything_is_fetched(stage):
    """With the real lock, a disk of 60 MB is refused at once, with both numbers."""
    copy = f"mount -t tmpfs -o size=60m none /mnt && cp -r {stage.project}/. /mnt && cd /mnt && PWD=/mnt"
    del stage.environment["MI_TUTOR_LOCK"]
    told_in_one_sentence(stage.run("setup", before=mounted(copy)), "0.1 GB free", "3 GB")


@needs_mounts
def test_a_read_only_project(stage):
    """In a folder that cannot be written to, set-up says where to move."""
    read_only = f"mount --bind {stage.project} {stage.project} && mount -o remount,bind,ro {stage.project}"
    told_in_one_sentence(stage.run("setup", "--no-weights", before=mounted(read_only)), "cannot be written to")


def test_a_file_where_the_state_folder_should_be(stage):
    """A file called .mi_tutor is reported, not overwritten."""
    (stage.project / ".mi_tutor").write_text("precious")
    told_in_one_sentence(stage.setup(), "in the way")
    assert (stage.project / ".mi_tutor").read_text() == "precious"


def test_no_venv_module(stage, tmp_path):
    """Debian's Python without python3-venv: the sentence names the package to install."""
    library = Path(sysconfig.get_path("stdlib"))
    without = tmp_path / "home" / "lib" / library.name
    without.mkdir(parents=True)
    for entry in library.iterdir():
        if entry.name not in ("ensurepip", "site-packages"):
            (without / entry.name).symlink_to(entry)
    done = stage.setup(PATH="/nowhere", PYTHONHOME=str(tmp_path / "home"))
    told_in_one_sentence(done, "python3-venv")
    assert not (stage.project / ".venv").exists()


def old_pythons() -> list[Path]:
    places = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    places += [folder / "bin" for folder in Path.home().glob(".pyenv/versions/3.*")]
    names = [f"python3.{minor}" for minor in (7, 8, 9, 10, 14)]
    found = [folder / name for folder in places for name in names if (folder / name).exists()]
    runs = [one for one in found if subprocess.run([one, "-c", ""], capture_output=True).returncode == 0]
    return runs[:3]


@pytest.mark.skipif(not old_pythons(), reason="no Python outside 3.11-3.13 on this machine")
def test_an_unsupported_python_and_no_other(stage):
    """Python 3.10 with no better one on the PATH: the sentence says which versions will do."""
    for python in old_pythons():
        told_in_one_sentence(stage.run("setup", python=python, PATH="/nowhere"), "3.11, 3.12 or 3.13")


@pytest.mark.slow
@pytest.mark.skipif(not old_pythons(), reason="no Python outside 3.11-3.13 on this machine")
def test_an_unsupported_python_finds_a_better_one(stage, bare_python):
    """Python 3.10 with python3.11 (or so) on the PATH uses that one."""
    bin_folder = stage.project.parent / "bin"
    bin_folder.mkdir()
    name = f"python3.{sys.version_info[1]}"
    (bin_folder / name).symlink_to(bare_python.resolve())
    done = stage.run("setup", "--no-weights", python=old_pythons()[-1], PATH=f"{bin_folder}:/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    assert f"3.{sys.version_info[1]}" in done.stdout

"""What stands at the head of each chapter so that it can be opened elsewhere: badges, and a cell that sets up Colab."""

from mi_tutor.tutor import repository

COLAB_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
BINDER_BADGE = "https://mybinder.org/badge_logo.svg"
# JupyterLab folds the code away; a site without a kernel leaves the cell out.
METADATA = {"mi_tutor": {"setup": True}, "jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}

# Colab opens a single notebook and nothing of the project around it, so this cell has to do without mi_tutor.
CELL = """\
# Where the course is installed, this does nothing. On Colab it brings the course, in about two minutes.
try:
    import mi_tutor.tutor
except ImportError:
    import sys
    from pathlib import Path
    from subprocess import run

    assert "google.colab" in sys.modules, "This kernel has no mi_tutor: open the chapter with python3 -m mi_tutor learn"
    if not Path("course").exists():
        {fetch}
    sys.path.insert(0, str(Path("course").resolve()))
    from mi_tutor.bootstrap import colab

    colab.prepare()"""
CLONE = 'run(["git", "clone", "-q", "--depth=1", "-b", "{branch}", "{address}", "course"], check=True)'
ASK = 'raise FileNotFoundError("The course has no public address yet: upload the project as a folder named course.")'


def setup_cell(place: repository.Repository | None = None) -> str:
    """The first code cell, the same in each chapter."""
    place = place or repository.setting()
    fetch = CLONE.format(branch=place.branch, address=place.address) if place.address else ASK
    return CELL.format(fetch=fetch)


def is_setup(cell) -> bool:
    return bool(cell.metadata.get("mi_tutor", {}).get("setup"))


def with_badges(text: str, path: str, place: repository.Repository | None = None) -> str:
    """The first markdown cell with badges under its title; as it was while there is no public address.

    Args:
        path: of the notebook, in the project.
    """
    place = place or repository.setting()
    if not place.address:
        return text
    title, _, rest = text.partition("\n")
    badges = f"[![Open in Colab]({COLAB_BADGE})]({place.colab(path)}) "
    badges += f"[![Open in Binder]({BINDER_BADGE})]({place.binder(path)})"
    return f"{title}\n\n{badges}\n{rest}"

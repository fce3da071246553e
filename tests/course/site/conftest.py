"""One site for all tests of it: built once, from the committed notebooks, as the command does it."""

import importlib.util
from pathlib import Path

import pytest

from mi_tutor.tutor import cli
from mi_tutor.tutor.site.build import NEEDED


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The folder of pages. A warning of Sphinx makes the command fail."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)}: not installed; pip install -e '.[site]'")
    out = tmp_path_factory.mktemp("site") / "pages"
    assert cli.main(["author", "site", str(out)]) == 0
    return out

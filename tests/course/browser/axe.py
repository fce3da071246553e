"""axe-core, the checker of accessibility: fetched once, then run on any page that a browser shows."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import warnings
import zipfile
from pathlib import Path

from mi_tutor.lab.weights import cache

NPM, PYPI = "axe-core@4.14.1", "axe-playwright-python==0.1.8"
SERIOUS = ("serious", "critical")
RUN = """([include, exclude, theirs]) => axe.run(
    {include: include ? [[include]] : undefined, exclude: exclude.map(one => [one])},
    {resultTypes: ['violations'], rules: Object.fromEntries(theirs.map(rule => [rule, {enabled: false}]))}
).then(result => result.violations.map(v => [v.impact, v.id, v.help, v.nodes.map(n => n.html.slice(0, 160) + ' :: ' +
    (n.any[0] || n.all[0] || n.none[0] || {message: ''}).message)]))"""


class Unreachable(Exception):
    """axe-core could not be had; the sentence says why."""


def script() -> str:
    """The text of axe.min.js, from the course's cache; the first time npm fetches it, or pip where there is no npm.

    Raises:
        Unreachable: no package index that answers.
    """
    kept = cache() / "axe-core" / "axe.min.js"
    if not kept.exists():
        text = _fetched()
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_name(f"axe.{os.getpid()}.part")
        part.write_bytes(text)
        part.replace(kept)
    return kept.read_text("utf-8")


def _fetched() -> bytes:
    npm, said = shutil.which("npm"), []
    ways = [[npm, "pack", NPM, "--silent", "--fetch-retries=1", "--fetch-timeout=20000"]] if npm else []
    ways.append([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--retries=1", PYPI])  # axe-core inside
    for command in ways:
        with tempfile.TemporaryDirectory() as folder:
            try:
                done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=90)
            except subprocess.TimeoutExpired:
                said.append("no answer within 90 s")
                continue
            for packed in Path(folder).glob("*.tgz"):
                with tarfile.open(packed) as archive:
                    return archive.extractfile("package/axe.min.js").read()
            for packed in Path(folder).glob("*.whl"):
                with zipfile.ZipFile(packed) as archive:
                    return archive.read("axe_playwright_python/axe.min.js")
            said.append((done.stderr or done.stdout).strip()[-150:])
    raise Unreachable(f"axe-core could not be fetched from npm or PyPI ({'; '.join(said)}): connect and run again")


def serious(page, *, include: str | None = None, exclude: tuple[str, ...] = (), not_ours: tuple[str, ...] = ()):
    """What axe-core finds serious or critical on the page that is open, one line a finding.

    Args:
        page: playwright's page.
        include: a CSS selector; only what is inside is judged.
        exclude: selectors of what is left out.
        not_ours: ids of rules about the page around our part.
    """
    if not page.evaluate("() => typeof window.axe === 'object'"):
        page.evaluate(f"{script()}; undefined")
    found = page.evaluate(RUN, [include, list(exclude), list(not_ours)])
    return [
        f"{rule} ({impact}): {help_}: {node}"
        for impact, rule, help_, nodes in found
        if impact in SERIOUS
        for node in nodes
    ]


def serious_at(browser, address: str, **selected) -> list[str]:
    """The same for the page at an address, in a tab of its own; for a site's pages."""
    page = browser.new_page()
    try:
        page.goto(address)
        page.wait_for_load_state("load")
        return serious(page, **selected)
    finally:
        page.close()


def on_cell(notebook, cell) -> None:
    """Assert that axe finds nothing serious in the outputs of one cell of a notebook, in both themes.

    Without axe-core a warning says so, since the test has more to show than this.
    """
    try:
        script()
    except Unreachable as reason:
        warnings.warn(str(reason), stacklevel=2)
        return
    cell.evaluate("e => { e.setAttribute('data-axe', 'here') }")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        # "region" is about the page around the cell, which is JupyterLab's.
        found = serious(notebook.page, include="[data-axe] .jp-OutputArea", not_ours=("region",))
        assert not found, "\n".join([theme, *found])
    cell.evaluate("e => { e.removeAttribute('data-axe') }")

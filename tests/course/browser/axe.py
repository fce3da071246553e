"""axe-core, the checker of accessibility: fetched from npm once, then run on any page that a browser shows."""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from mi_tutor.lab.weights import cache

PACKAGE = "axe-core@4.14.1"
SERIOUS = ("serious", "critical")
RUN = """([include, exclude, theirs]) => axe.run(
    {include: include ? [[include]] : undefined, exclude: exclude.map(one => [one])},
    {resultTypes: ['violations'], rules: Object.fromEntries(theirs.map(rule => [rule, {enabled: false}]))}
).then(result => result.violations.map(v => [v.impact, v.id, v.help, v.nodes.map(n => n.html.slice(0, 160) + ' :: ' +
    (n.any[0] || n.all[0] || n.none[0] || {message: ''}).message)]))"""


class Unreachable(Exception):
    """axe-core could not be had; the sentence says why."""


def script() -> str:
    """The text of axe.min.js, from the course's cache; npm fetches it the first time.

    Raises:
        Unreachable: no npm, or no package index that it reaches.
    """
    kept = cache() / f"{PACKAGE.replace('@', '-')}.min.js"
    if not kept.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise Unreachable(f"npm is not installed, which fetches {PACKAGE}: `apt-get install npm`")
        with tempfile.TemporaryDirectory() as folder:
            command = [npm, "pack", PACKAGE, "--silent", "--fetch-retries=1", "--fetch-timeout=20000"]
            try:
                done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=90)
            except subprocess.TimeoutExpired:
                raise Unreachable(f"npm did not fetch {PACKAGE} within 90 s") from None
            packed = next(Path(folder).glob("*.tgz"), None)
            if done.returncode or packed is None:
                raise Unreachable(f"npm could not fetch {PACKAGE}: {(done.stderr or done.stdout).strip()[-200:]}")
            with tarfile.open(packed) as archive:
                text = archive.extractfile("package/axe.min.js").read()
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_bytes(text)
        part.replace(kept)
    return kept.read_text("utf-8")


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

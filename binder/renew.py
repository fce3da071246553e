"""Rewrite binder/requirements.txt from the packages of the running environment: `.venv/bin/python binder/renew.py`.

Pins what mi-tutor needs (with its extras `dev` and `site`), directly or through others, and nothing else that happens
to be installed. Packages for other systems are kept from the old lock, since they are not installed here.
"""

import importlib.metadata
import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).with_name("requirements.txt")


def needed(name: str, extras: frozenset[str], seen: set) -> set[str]:
    """Names of the installed distributions that `name[extras]` needs, itself included."""
    key = (canonicalize_name(name), extras)
    if key in seen:
        return set()
    seen.add(key)
    try:
        wishes = importlib.metadata.distribution(name).requires or []
    except importlib.metadata.PackageNotFoundError:
        return set()
    found = {key[0]}
    for wish in map(Requirement, wishes):
        if wish.marker is None or any(wish.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            found |= needed(wish.name, frozenset(wish.extras), seen)
    return found


def pin(name: str) -> str:
    """`name==version`; a local version (`+cpu`) is left out, so that one line serves every system."""
    installed = importlib.metadata.distribution(name)
    return f"{installed.metadata['Name']}=={installed.version.split('+')[0]}"


def main() -> None:
    old = LOCK.read_text(encoding="utf-8").splitlines()
    head = [line for line in old if line.startswith(("#", "--"))]
    foreign = [line for line in old if re.search(r";\s*sys_platform", line)]
    names = needed("mi-tutor", frozenset({"dev", "site"}), set()) - {"mi-tutor"}
    pins = sorted((pin(name) for name in names), key=str.lower)
    LOCK.write_text("\n".join([*head, *pins, *foreign]) + "\n", encoding="utf-8")
    print(f"{LOCK.name}: {len(pins)} packages, and {len(foreign)} for other systems")


if __name__ == "__main__":
    main()

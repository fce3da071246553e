"""Short questions to the network, so that pip need not find out slowly and say it badly."""

from __future__ import annotations

import os
import ssl
import subprocess
import urllib.error
import urllib.request

PYPI = "https://pypi.org/simple"
PATIENCE = 4  # seconds


def answers(address: str) -> bool:
    """Whether a server answers there, be it with an error page. Respects proxy settings and PIP_CERT."""
    try:
        context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
        request = urllib.request.Request(address, method="HEAD")
        with urllib.request.urlopen(request, timeout=PATIENCE, context=context):
            return True
    except urllib.error.HTTPError as error:
        return error.code not in (403, 407, 502, 503, 504)  # what proxies say when they let nobody through
    except (OSError, ValueError):
        return False


def package_index(python) -> str:
    """The address of the index that this Python's pip uses."""
    if os.environ.get("PIP_INDEX_URL"):
        return os.environ["PIP_INDEX_URL"]
    command = [str(python), "-m", "pip", "config", "get", "global.index-url"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip() or PYPI
    except (OSError, subprocess.SubprocessError):
        return PYPI


def index_is_out_of_reach(python) -> bool:
    """Whether pip looks for packages on the network and cannot get there."""
    if os.environ.get("PIP_NO_INDEX", "").lower() in ("1", "true", "yes", "on"):
        return False
    return not answers(package_index(python))

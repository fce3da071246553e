"""A problem that the person at the keyboard can solve: one sentence that says what to do."""

from __future__ import annotations

import errno

from mi_tutor.bootstrap import network


class Problem(Exception):
    """Set-up cannot go on. The message is one sentence for the learner; it is shown without a traceback.

    `nothing_changed` is True where the `.venv` is known to be as it was before, so that it need not be made anew.
    """

    nothing_changed = False


class NotForThisPython(Problem):
    """A package of the lock has no build for the Python that was tried; another Python may do."""


def from_os_error(error: OSError, place) -> Problem:
    """Say in one sentence what the operating system refused at `place` and what helps."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Problem(f"There is no room left at {place}: free some disk space and run the command again.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return Problem(f"{place} cannot be written to: move the project (or the cache) to a folder of your own.")
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return Problem(f"A file is in the way at {error.filename or place}: move it away and run the command again.")
    return Problem(f"{place} cannot be used ({error.strerror or error}): put that right and run the command again.")


_OUT_OF_REACH = (
    "The package index cannot be reached to fetch {what}: check the network connection and run the command again."
)
# What pip and uv write when something is wrong, and what to tell the learner. First match wins; {what} is what was
# being fetched. The texts come from pip 21-26 and uv 0.4-0.13.
_SYMPTOMS = (
    (
        ("No space left on device", "Errno 28", "os error 28", "Disk quota exceeded", "Errno 27", "os error 27"),
        "The disk is full while installing {what}: free some space (about 3 GB) and run the command again.",
    ),
    (
        ("Read-only file system", "Errno 30", "Permission denied"),
        "Installing {what} is not allowed here: move the project to a folder of your own and run the command again.",
    ),
    (
        (
            "NewConnectionError",
            "Failed to establish a new connection",
            "Connection refused",
            "Name or service not known",
            "name resolution",
            "nodename nor servname",
            "getaddrinfo failed",
            "Network is unreachable",
            "dns error",
            "client error (Connect)",
            "ConnectTimeout",
            "ReadTimeout",
            "Read timed out",
            "timed out",
            "ProxyError",
            "Connection reset",
            "Connection aborted",
            "IncompleteRead",
        ),
        _OUT_OF_REACH,
    ),
    (
        ("SSLError", "CERTIFICATE_VERIFY_FAILED", "invalid peer certificate"),
        "The package index's certificate is not trusted here: point PIP_CERT at your network's certificate file "
        "and run the command again.",
    ),
)


def from_log(log: str, what: str, python) -> Problem:
    """Turn the output of a failed pip or uv into one sentence.

    `what` names what was being installed; `python` is the Python whose pip it was.
    """
    for signs, sentence in _SYMPTOMS:
        if any(sign in log for sign in signs):
            return Problem(sentence.format(what=what))
    if any(sign in log for sign in ("No matching distribution", "no version of", "no wheels with a matching")):
        if network.index_is_out_of_reach(python):  # pip says "no matching distribution" then, too
            return Problem(_OUT_OF_REACH.format(what=what))
        return NotForThisPython(
            f"The package index has no build of {what} for this Python and machine: check PIP_INDEX_URL and "
            "PIP_NO_INDEX if you set them, or use Python 3.11 on a 64-bit system."
        )
    return Problem(f"Installing {what} failed: read the end of .mi_tutor/setup.log and run the command again.")

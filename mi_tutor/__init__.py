"""mi_tutor: a hands-on course in mechanistic interpretability.

Importing this package is cheap: torch and the language model are loaded when something needs them.
"""

import os

__version__ = "0.1.0"

# Read when torch starts its threads. By default they wait for each other by spinning; with two threads on a machine
# whose two cores have other work as well, a matrix multiplication then takes three to eight times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def __getattr__(attribute: str):
    # Lazy, so that the bootstrap (standard library only) can import the package before anything is installed.
    if attribute == "exercise":
        from mi_tutor.tutor.answers import exercise

        return exercise
    raise AttributeError(f"module 'mi_tutor' has no attribute {attribute!r}")


def load_ipython_extension(shell) -> None:
    """`%load_ext mi_tutor`: bring `%%exercise` and the other commands into a notebook."""
    workspace = _other_copy()
    if workspace is not None:
        import importlib
        import sys

        for name in [name for name in sys.modules if name.partition(".")[0] == __name__]:
            del sys.modules[name]
        sys.path.insert(0, str(workspace))
        importlib.import_module(__name__).load_ipython_extension(shell)
        return
    from mi_tutor.tutor.notebook import load

    load(shell)


def _other_copy():
    """The workspace that a notebook stands in, where Python found the installed package instead of the workspace's."""
    from pathlib import Path

    from mi_tutor.bootstrap import places

    return places.workspace_around(Path.cwd()) if places.is_wheel() else None

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
    from mi_tutor.tutor.notebook import load

    load(shell)

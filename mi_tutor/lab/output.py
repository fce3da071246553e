"""Show HTML in a notebook and plain words elsewhere."""

import sys

from mi_tutor.lab.progress import in_notebook


def display_html(html: str, words: str) -> None:
    """Display a rich output with a plain-text form; outside a notebook print the plain text."""
    if not in_notebook():
        print(words)
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": words}, raw=True)


def current_cell() -> tuple[str | None, int | None]:
    """Id of the notebook cell that is running and its execution count; None for what the frontend does not tell."""
    if not in_notebook():
        return None, None
    from IPython import get_ipython

    shell = get_ipython()
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return (request.get("metadata") or {}).get("cellId"), shell.execution_count


def every_output_is_a_page() -> bool:
    """True on Colab, where each output is an iframe and shares no script with the others."""
    return "google.colab" in sys.modules

"""Show HTML in a notebook and plain words elsewhere."""

from mi_tutor.lab.progress import in_notebook


def display_html(html: str, words: str) -> None:
    """Display a rich output with a plain-text form; outside a notebook print the plain text."""
    if not in_notebook():
        print(words)
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": words}, raw=True)

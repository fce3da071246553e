"""What stands on the page after all cells ran: no error, no broken output, and words for every figure."""

from notebook_page import NotebookPage, text_of

# What JupyterLab and the widgets' own code write where something cannot be shown.
BROKEN = ("Error displaying widget", "Loading widget", "Error creating widget", "Javascript Error", "VBox(children=")


def nothing_is_missing(notebook: NotebookPage) -> None:
    """No error; every figure drawn, and with a text for those who cannot see it."""
    assert notebook.errors() == []
    bare = [o for o in notebook.outputs() if text_of(o, "image/png")]
    assert bare == [], "a bare picture has no text for those who cannot see it"
    pictures = notebook.page.locator(".jp-OutputArea img").evaluate_all(
        "all => all.map(img => [img.alt, img.complete && img.naturalWidth > 0])"
    )
    assert pictures, "no figure on the page"
    assert [alt for alt, drawn in pictures if not drawn or len(alt) < 20] == []
    nothing_is_broken(notebook)


def nothing_is_broken(notebook: NotebookPage) -> None:
    """No output says that it could not be shown."""
    said = notebook.page.locator(".jp-OutputArea").all_inner_texts()
    assert [text[:200] for text in said if any(words in text for words in BROKEN)] == []

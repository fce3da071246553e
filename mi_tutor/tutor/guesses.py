"""Guesses: the learner commits to an answer before the figure gives it. A widget with a kernel, text without."""

from html import escape

from mi_tutor.accessible import display_accessible
from mi_tutor.tutor import answers, progress


def ask(key: str, question: str, options: list[str]) -> None:
    """Show the question with its options; store the choice under `key`."""
    from IPython.display import display

    if answers.reference_mode():
        display(_Question(question, options))  # a stored notebook: a widget without a kernel would be a dead box
        return
    import ipywidgets as widgets

    display(_Question(question, []))
    before = progress.load()["guesses"].get(key)
    buttons = widgets.RadioButtons(
        options=[("…", None), *((option, option) for option in options)],
        value=before if before in options else None,
        description="My guess:",
        layout=widgets.Layout(width="max-content", max_width="100%"),
    )
    buttons.observe(lambda change: change["new"] and progress.store_guess(key, change["new"]), names="value")
    display_accessible(buttons)


class _Question:
    """The question and its options as static text."""

    def __init__(self, question: str, options: list[str]):
        self.question, self.options = question, options

    def __repr__(self) -> str:
        return "\n".join([f"Your guess first: {self.question}", *(f"  ( ) {option}" for option in self.options)])

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(option)}</li>" for option in self.options)
        listed = f'<ul style="margin:.3rem 0">{items}</ul>' if items else ""
        return (
            '<section style="max-width:52rem;border-left:6px solid #3b5b92;background:#ffffff;color:#1b1b1b;'
            'padding:.5rem .8rem;font-family:system-ui,sans-serif;font-size:14px">'
            f"<strong>Your guess first:</strong> {escape(self.question)}{listed}</section>"
        )

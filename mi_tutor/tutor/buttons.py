"""Hint, reference and skip one click away, under the card of an answer that does not pass yet."""

from mi_tutor.accessible import display_accessible
from mi_tutor.tutor import answers


def show(magics, entry) -> None:
    """Show the buttons; each runs the command of its name. `magics` is the notebook's TutorMagics."""
    try:
        import ipywidgets as widgets
    except ImportError:
        return
    out = widgets.Output()
    row = []
    commands = [("Hint", magics.hint)]
    if answers.has_reference(entry.chapter):
        commands += [("Show the reference", magics.reveal), ("Skip for now", magics.skip)]
    for label, command in commands:
        button = widgets.Button(description=label, layout=widgets.Layout(width="auto"))

        def press(_, command=command):
            with out:
                out.clear_output()
                command(entry.name)

        button.on_click(press)
        row.append(button)
    display_accessible(widgets.VBox([widgets.HBox(row, layout=widgets.Layout(flex_flow="row wrap")), out]))

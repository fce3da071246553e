"""An explorer: choose what is patched, in which direction, with which corruption and metric, and see the grid."""

import os
from collections.abc import Callable, Mapping, Sequence

from mi_tutor.accessible import display_accessible

CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "component": (
        ("residual stream, every third layer", "residual"),
        ("heads at END", "head"),
        ("attention at END", "attention"),
        ("MLPs at END", "mlp"),
    ),
    "direction": (("denoise (what is enough?)", "denoise"), ("noise (what is needed?)", "noise")),
    "corruption": (("S2 flipped", "s2_flip"), ("ABC, three new names", "abc"), ("other names", "random_names")),
    "metric": (
        ("logit difference", "logit difference"),
        ("probability", "probability"),
        ("log probability", "log probability"),
    ),
}


def explore(run: Callable[..., object]) -> None:
    """Show four menus and, after the button, the grid. Where outputs are stored, a sentence stands instead.

    Args:
        run: run(component, direction, corruption, metric) → a lab.sweeps.Sweep.
    """
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, four menus appear here: component, direction, corruption, metric.")
        return
    import ipywidgets as widgets

    from mi_tutor.lab.figures import image_html

    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="26em", max_width="100%")}
    menus = {
        name: widgets.Dropdown(options=list(options), description=name, **wide) for name, options in CHOICES.items()
    }
    button = widgets.Button(description="run", tooltip="Run the sweep with these choices")
    answer = widgets.HTML()

    def update(_=None):
        answer.value, button.disabled = "running …", True
        try:
            sweep = run(*(menu.value for menu in menus.values()))
            answer.value = picture(sweep, image_html)
        except (ValueError, RuntimeError) as error:
            answer.value = f"not run: {error}"
        finally:
            button.disabled = False

    button.on_click(update)
    display_accessible(widgets.VBox([*menus.values(), button, answer]))


def picture(sweep, image_html: Callable[[object, str], str]) -> str:
    """The grid as HTML, with the largest effects in words."""
    import matplotlib.pyplot as plt

    words = "; ".join(
        ", ".join(f"{name} {row[name]}" for name in sweep.axes) + f": {row['effect']:+.2f}" for row in sweep.top(3)
    )
    figure = sweep.figure()
    html = image_html(figure, f"Largest effects: {words}")
    plt.close(figure)
    return f'<div style="background:#ffffff;color:#1b1b1b;padding:0.5em">{html}<p>Largest effects: {words}</p></div>'

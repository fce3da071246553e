"""An explorer: move through the training of the induction organism; see losses, head scores and a head's attention."""

import os
from collections.abc import Callable
from html import escape

import torch
from jaxtyping import Float
from torch import Tensor

from mi_tutor.accessible import display_accessible
from mi_tutor.lab import organisms
from mi_tutor.lab.figures import COLORS, headline, image_html, style
from mi_tutor.lab.heads import patterns, top_heads

_HALF = 10  # random tokens in one half of the sequence whose attention is shown
_OPAQUE = {"frameon": True, "framealpha": 1, "edgecolor": "none"}  # a legend that the mark of a step passes behind


class CheckpointView:
    """What was measured in training, and the model of the nearest stored step.

    Args:
        history: as `organisms.induction_history()` gives it: step, loss_copied, loss_fresh [step], previous_token and
            prefix_matching [step][layer][head].
        stored: the steps with weights, in order.
        load: step → the model of that step.

    Attributes:
        steps: the measured steps.
        previous, prefix: [step layer head].
        head: the head whose attention is shown: the one with the highest prefix-matching score at the end.
    """

    def __init__(
        self,
        history: dict[str, list] | None = None,
        stored: list[int] | None = None,
        load: Callable[[int], object] = organisms.induction_model,
    ):
        self.history = history or organisms.induction_history()
        self.stored = stored or organisms.induction_steps()
        self.load = load
        self.steps: list[int] = self.history["step"]
        self.previous: Float[Tensor, "step layer head"] = torch.tensor(self.history["previous_token"])
        self.prefix: Float[Tensor, "step layer head"] = torch.tensor(self.history["prefix_matching"])
        heads = self.prefix.shape[2]
        self.head = divmod(int(self.prefix[-1].argmax()), heads)
        self.ids = organisms.repeated(1, _HALF, 0)

    def nearest(self, step: int) -> int:
        """The stored step that is nearest to this one."""
        return min(self.stored, key=lambda one: abs(one - step))

    def pattern(self, step: int) -> Float[Tensor, "pos pos"]:
        """The attention of `head` at the nearest stored step, on ten random tokens that come twice."""
        layer, head = self.head
        return patterns(self.load(self.nearest(step)), self.ids, layer)[layer][0, head]

    def words(self, step: int) -> str:
        """What was measured at a step, in one sentence."""
        at = self.steps.index(step)
        (previous, high), (prefix, higher) = top_heads(self.previous[at], 1)[0], top_heads(self.prefix[at], 1)[0]
        return (
            f"Step {step}: loss {self.history['loss_copied'][at]:.2f} nats on copied tokens and "
            f"{self.history['loss_fresh'][at]:.2f} on the others; highest previous-token score {high:.2f} "
            f"(head {previous}), highest prefix-matching score {higher:.2f} (head {prefix})."
        )

    def figure(self, step: int, title: str | None = None):
        """Losses and scores over training with a mark at the step; beside them the attention of the head there."""
        import matplotlib.pyplot as plt

        with style():
            fig = plt.figure(figsize=(9.6, 5.4))
            left, right = fig.subfigures(1, 2, width_ratios=[1.45, 1])
            upper, lower = left.subplots(2, 1, sharex=True)
            self._draw_losses(upper)
            self._draw_scores(lower)
            for axes in (upper, lower):
                axes.axvline(step, color=COLORS["black"], linewidth=1.0, linestyle="--")
            self._draw_pattern(right.subplots(), step)
            headline(fig, title or f"Step {step}")
        return fig

    def _draw_losses(self, axes) -> None:
        for name, label, color in (
            ("loss_copied", "copied tokens", COLORS["red"]),
            ("loss_fresh", "all other tokens", COLORS["grey"]),
        ):
            axes.plot(self.steps, self.history[name], color=color, label=label)
        axes.set(ylabel="loss (nats a token)", ylim=(0, None))
        axes.legend(loc="upper right", **_OPAQUE)

    def _draw_scores(self, axes) -> None:
        last = self.prefix.shape[1] - 1
        kinds = [(self.previous[:, 0], "previous token, layer 0", COLORS["blue"])]
        kinds.append((self.prefix[:, last], f"prefix matching, layer {last}", COLORS["orange"]))
        for scores, label, color in kinds:
            for head, line in enumerate(scores.T.tolist()):
                axes.plot(self.steps, line, color=color, linewidth=1.4, label=label if head == 0 else None)
        axes.set(xlabel="training step", ylabel="score, one line a head", ylim=(0, 1.35))  # room for the names
        axes.legend(loc="upper right", **_OPAQUE)

    def _draw_pattern(self, axes, step: int) -> None:
        layer, head = self.head
        axes.imshow(self.pattern(step).numpy(), vmin=0, vmax=1, cmap="Blues")
        queries = range(_HALF + 1, 2 * _HALF + 1)
        axes.plot(
            [query - _HALF + 1 for query in queries],
            queries,
            "s",
            markersize=9,
            markerfacecolor="none",
            color=COLORS["orange"],
        )
        strings = ["BOS"] + [str(token) for token in self.ids[0, 1:].tolist()]
        axes.set_xticks(range(len(strings)), strings, rotation=90, fontsize=7)
        axes.set_yticks(range(len(strings)), strings, fontsize=7)
        axes.set(xlabel="attends to (boxes: prefix matching)", ylabel="from token")
        axes.grid(False)
        axes.set_title(f"Head {layer}.{head}, weights of step {self.nearest(step)}", fontsize=10)

    def html(self, step: int) -> str:
        """Figure and sentence as one piece of HTML, for the live explorer."""
        import matplotlib.pyplot as plt

        fig = self.figure(step)
        words = self.words(step)
        picture = image_html(fig, words)
        plt.close(fig)
        return f'<div style="background:#ffffff;color:#111111;padding:0.5em">{picture}<p>{escape(words)}</p></div>'


def explore(view: CheckpointView | None = None) -> None:
    """Show a slider over the training steps. Where outputs are stored, a sentence stands instead."""
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, a slider over the training steps appears here.")
        return
    import ipywidgets as widgets

    display_accessible(build(widgets, view or CheckpointView()))


def build(widgets, view: CheckpointView):
    """The live explorer as one widget."""
    step = widgets.SelectionSlider(
        options=view.steps,
        value=view.steps[-1],
        description="Step",
        continuous_update=False,
        layout=widgets.Layout(width="44em", max_width="100%"),
    )
    answer = widgets.HTML()

    def update(_=None):
        answer.value = view.html(step.value)

    step.observe(update, names="value")
    update()
    return widgets.VBox([step, answer])

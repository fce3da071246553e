"""An explorer: your own text through the logit lens; what each stage would predict at each position, and how surely."""

import os
from html import escape

from mi_tutor.accessible import display_accessible
from mi_tutor.lab import models
from mi_tutor.lab.figures import style
from mi_tutor.lab.lens import TopTokens, stage_names, top_tokens
from mi_tutor.lab.tokens import Tokens, token_strings

MOST_TOKENS = 24
_SHOWN = 9  # characters of a token that fit a cell


class Lens:
    """One text, read at every stage and position.

    Args:
        model: a TransformerBridge with a tokenizer.
        text: up to 24 tokens, BOS included.
        k: how many tokens to keep at each place.

    Attributes:
        strings: the tokens of the text.
        stages: "embedding", "after 0", …; the first axis of `top`.
        top: ids and probabilities of the k most probable tokens, [stage pos k].

    Raises:
        ValueError: a text without tokens, or with more than 24.
    """

    def __init__(self, model, text: str, k: int = 5):
        batch: Tokens = models.tokens(model, text)
        length = batch.ids.shape[1]
        if length > MOST_TOKENS:
            raise ValueError(
                f"The text has {length} tokens with BOS; give at most {MOST_TOKENS}, so that the table fits."
            )
        self.model, self.text = model, text
        self.strings = token_strings(model, batch.ids[0])
        self.stages = stage_names(model)
        self.top: TopTokens = top_tokens(model, batch, k)

    def at(self, stage: int, position: int) -> list[tuple[str, float]]:
        """The k most probable next tokens at one place, with their probabilities."""
        names = token_strings(self.model, self.top.ids[stage, position])
        return list(zip(names, self.top.probability[stage, position].tolist(), strict=True))

    def settled(self, position: int) -> int:
        """The first stage from which on the model's final answer stays on top at this position."""
        same = self.top.ids[:, position, 0] == self.top.ids[-1, position, 0]
        return int((~same).nonzero().max()) + 1 if not same.all() else 0

    def figure(self, *, every: int = 3, title: str | None = None):
        """The table as a still figure: stages upwards, positions to the right, colour by probability.

        Args:
            every: show every so many stages; the last is always shown.
        """
        import matplotlib.pyplot as plt

        rows = sorted({*range(0, len(self.stages), every), len(self.stages) - 1})
        with style():
            fig, ax = plt.subplots(figsize=(1.6 + 0.72 * len(self.strings), 1.2 + 0.3 * len(rows)))
            best = self.top.probability[rows, :, 0].numpy()
            image = ax.imshow(best, vmin=0, vmax=1, cmap="Blues", aspect="auto", origin="lower")
            for row, stage in enumerate(rows):
                for position in range(len(self.strings)):
                    token, probability = self.at(stage, position)[0]
                    color = "white" if probability > 0.6 else "black"
                    ax.text(position, row, _short(token), ha="center", va="center", fontsize=8, color=color)
            ax.set_xticks(
                range(len(self.strings)), [_short(string) for string in self.strings], rotation=45, ha="right"
            )
            ax.set_yticks(range(len(rows)), [self.stages[stage] for stage in rows])
            ax.set(xlabel="token read", ylabel="residual stream")
            ax.grid(False)
            fig.colorbar(image, ax=ax, label="probability of the top token", shrink=0.8)
            ax.set_title(title or "Top next token at every stage and position")
        return fig

    def html(self, position: int) -> str:
        """The table and, for one position, the most probable tokens of every stage. Last stage on top."""
        return (
            # Wider than a narrow window: to be scrolled by keyboard it has to take the focus.
            '<div tabindex="0" role="region" aria-label="logit lens" style="background:#ffffff;color:#111111;'
            'padding:0.5em;overflow-x:auto">' + self._table(position) + self._column(position) + "</div>"
        )

    def _table(self, chosen: int) -> str:
        head = "".join(
            f'<th scope="col" style="{_CELL}{_MARK if at == chosen else ""}">{escape(string)}</th>'
            for at, string in enumerate(self.strings)
        )
        rows = ""
        for stage in reversed(range(len(self.stages))):
            cells = ""
            for at in range(len(self.strings)):
                token, probability = self.at(stage, at)[0]
                cells += (
                    f'<td title="{escape(token)} {probability:.2f}" style="{_CELL}background:{_shade(probability)}'
                    f'{_MARK if at == chosen else ""}">{escape(_short(token))}</td>'
                )
            rows += f'<tr><th scope="row" style="{_CELL}text-align:right">{self.stages[stage]}</th>{cells}</tr>'
        caption = "top next token at each stage (last stage first); the darker, the more probable"
        return (
            f'<table style="border-collapse:collapse;font-size:80%">'
            f'<caption style="text-align:left;white-space:nowrap">{caption}</caption>'
            f'<tr><th scope="col" style="{_CELL}">stage</th>{head}</tr>{rows}</table>'
        )

    def _column(self, position: int) -> str:
        rows = ""
        for stage in reversed(range(len(self.stages))):
            found = "".join(
                f'<td style="{_CELL}background:{_shade(value)}">{escape(token)} {value:.2f}</td>'
                for token, value in self.at(stage, position)
            )
            rows += f'<tr><th scope="row" style="{_CELL}text-align:right">{self.stages[stage]}</th>{found}</tr>'
        words = (
            f"position {position} ({escape(self.strings[position])}): the most probable tokens and their probability"
        )
        return (
            f'<details style="margin-top:0.6em"><summary>{words}</summary>'
            f'<table style="border-collapse:collapse;font-size:80%">{rows}</table></details>'
        )


_CELL = "padding:0.1em 0.45em;text-align:center;white-space:nowrap;font-family:monospace;border:1px solid #dddddd;"
_MARK = ";border-left:2px solid #D55E00;border-right:2px solid #D55E00"


def explore(model, text: str = "The Eiffel Tower is in the city of") -> None:
    """Show a text field and a menu for the position. Where outputs are stored, a sentence stands instead."""
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, a text field for your own text and a menu for the position appear here.")
        return
    import ipywidgets as widgets

    display_accessible(build(widgets, model, text))


def build(widgets, model, text: str):
    """The live explorer as one widget."""
    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="44em", max_width="100%")}
    field = widgets.Text(value=text, description="Text", continuous_update=False, **wide)
    position = widgets.Dropdown(description="Position", **wide)
    answer, state = widgets.HTML(), {"lens": None}  # None while the menu of positions is being filled

    def show(_=None):
        if state["lens"] is not None and position.value is not None:
            answer.value = state["lens"].html(position.value)

    def read(_=None):
        state["lens"], answer.value = None, "Reading …"
        try:
            lens = Lens(model, field.value)
        except ValueError as problem:
            answer.value = f"<p>{escape(str(problem))}</p>"
            return
        position.options = [(f"{at} {string}", at) for at, string in enumerate(lens.strings)]
        position.value = len(lens.strings) - 1
        state["lens"] = lens
        show()

    position.observe(show, names="value")
    field.observe(read, names="value")
    read()
    return widgets.VBox([field, position, answer])


def _short(token: str) -> str:
    return token if len(token) <= _SHOWN else token[: _SHOWN - 1] + "…"


def _shade(probability: float) -> str:
    """White to a blue on which black text has a contrast of 8:1."""
    return "#" + "".join(f"{round(255 + (part - 255) * probability):02x}" for part in (0x56, 0xB4, 0xE9))

"""An explorer: choose a text, a layer and a head; see where the head looks, and what kind its pattern looks like."""

import math
import os
from collections.abc import Mapping
from html import escape

from jaxtyping import Float
from torch import Tensor

from mi_tutor.accessible import display_accessible
from mi_tutor.lab.figures import COLORS, image_html, style
from mi_tutor.lab.heads import TARGETS, patterns, repeated_tokens
from mi_tutor.lab.tokens import Tokens, as_tokens, token_strings

_TEXTS = (
    "When Mary and John went to the store, John gave a drink to",
    "The war lasted from the year 1743 to the year 17",
    "def add(first, second):\n    return first + second",
)


class PatternView:
    """The attention patterns of a few prompts.

    Args:
        model: a TransformerBridge; without a tokenizer the token ids stand for the tokens.
        prompts: name → text, Tokens or ids of one prompt. By default three texts and twelve random tokens that
            come twice; only the last for a model without tokenizer, with token 0 as BOS as in the organisms.
    """

    def __init__(self, model, prompts: Mapping[str, str | Tokens | Tensor] | None = None):
        self.model = model
        self.prompts = {name: as_tokens(model, given) for name, given in (prompts or _default(model)).items()}
        self.layers, self.heads = model.cfg.n_layers, model.cfg.n_heads
        self._seen: dict[tuple[str, int], Tensor] = {}

    def add(self, text: str) -> str:
        """Take a text of the user's own; returns its name among the prompts."""
        name = text if len(text) <= 60 else text[:59] + "…"
        self.prompts[name] = as_tokens(self.model, text)
        self._seen = {key: value for key, value in self._seen.items() if key[0] != name}
        return name

    def strings(self, prompt: str) -> list[str]:
        """The tokens of a prompt, printable."""
        ids = self.prompts[prompt].ids[0]
        return token_strings(self.model, ids) if _tokenizer(self.model) else [str(one) for one in ids.tolist()]

    def pattern(self, prompt: str, layer: int) -> Float[Tensor, "head pos pos"]:
        """The patterns of one layer on one prompt: [head query key]."""
        if (prompt, layer) not in self._seen:
            self._seen[prompt, layer] = patterns(self.model, self.prompts[prompt], layer)[layer][0]
        return self._seen[prompt, layer]

    def kinds(self, prompt: str, layer: int, head: int) -> dict[str, float | None]:
        """The three attention scores of a head on this prompt alone; None where no position has a target."""
        ids, pattern = self.prompts[prompt].ids, self.pattern(prompt, layer)[head]
        found = {}
        for name, targets in TARGETS.items():
            pairs = targets(ids)[0]
            asked = pairs.any(dim=1)
            found[name] = float((pattern * pairs).sum(dim=1)[asked].mean()) if asked.any() else None
        return found

    def words(self, prompt: str, layer: int, head: int) -> str:
        """One sentence: the head's scores on this prompt."""
        values = [f"{name} {value:.2f}" for name, value in self.kinds(prompt, layer, head).items() if value is not None]
        return f"Head {layer}.{head} on this prompt: {', '.join(values)}."

    def figure(self, prompt: str, layer: int, head: int, title: str | None = None):
        """One head large, with its tokens, beside all heads of its layer."""
        import matplotlib.pyplot as plt

        pattern, strings = self.pattern(prompt, layer), self.strings(prompt)
        columns = min(3, self.heads)
        rows = math.ceil(self.heads / columns)
        with style():
            fig = plt.figure(figsize=(9.2, 5.2))
            left, right = fig.subfigures(1, 2, width_ratios=[1.35, 1])
            big = left.subplots()
            self._draw_head(big, pattern[head], strings)
            big.set_title(title or f"Head {layer}.{head}")
            for index, axes in enumerate(right.subplots(rows, columns, squeeze=False).flat):
                axes.grid(False)
                axes.set(xticks=[], yticks=[])
                if index >= self.heads:
                    axes.set_axis_off()
                    continue
                axes.imshow(pattern[index].numpy(), vmin=0, vmax=1, cmap="Blues")
                axes.set_title(f"{layer}.{index}", fontsize=8, fontweight="bold" if index == head else "normal")
                for spine in axes.spines.values():
                    spine.set(visible=True, color=COLORS["red"] if index == head else COLORS["grey"], linewidth=0.8)
                    spine.set_linewidth(2.2 if index == head else 0.6)
        return fig

    def _draw_head(self, axes, pattern: Tensor, strings: list[str]) -> None:
        image = axes.imshow(pattern.numpy(), vmin=0, vmax=1, cmap="Blues")
        size = 7 if len(strings) <= 24 else 5
        axes.set_xticks(range(len(strings)), strings, rotation=90, fontsize=size)
        axes.set_yticks(range(len(strings)), strings, fontsize=size)
        axes.set(xlabel="attends to", ylabel="from")
        axes.grid(False)
        axes.figure.colorbar(image, ax=axes, label="attention", shrink=0.75)

    def html(self, prompt: str, layer: int, head: int, query: int, k: int = 5) -> str:
        """The figure, the head's scores, and in words where one token looks."""
        import matplotlib.pyplot as plt

        strings, row = self.strings(prompt), self.pattern(prompt, layer)[head, query]
        fig = self.figure(prompt, layer, head)
        picture = image_html(fig, f"Attention of head {layer}.{head} and of the other heads of layer {layer}")
        plt.close(fig)
        values, keys = row.topk(min(k, query + 1))
        looks = "".join(
            f'<tr><td style="{_CELL}font-family:monospace">{key} {escape(strings[key])}</td>'
            f'<td style="{_CELL}">{value:.2f}</td></tr>'
            for value, key in zip(values.tolist(), keys.tolist(), strict=True)
        )
        return (
            f'<div style="background:#ffffff;color:#111111;padding:0.5em">{picture}'
            f"<p>{escape(self.words(prompt, layer, head))}</p>"
            f'<table><caption style="text-align:left;white-space:nowrap">'
            f"from position {query} ({escape(strings[query])}), the most attention goes to"
            f"</caption>{looks}</table></div>"
        )


_CELL = "padding:0.1em 0.6em;text-align:left;"


def explore(view: PatternView, layer: int = 0, head: int = 0) -> None:
    """Show menus for prompt, layer, head and token. Where outputs are stored, a sentence stands instead."""
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print("With a running kernel, menus appear here: a prompt or your own text, a layer, a head and a token.")
        return
    import ipywidgets as widgets

    display_accessible(build(widgets, view, layer, head))


def build(widgets, view: PatternView, layer: int, head: int):
    """The live explorer as one widget."""
    wide = {"style": {"description_width": "6em"}, "layout": widgets.Layout(width="44em", max_width="100%")}
    prompt = widgets.Dropdown(options=list(view.prompts), description="Prompt", **wide)
    own = widgets.Text(description="Own text", placeholder="type and press Enter", continuous_update=False, **wide)
    layers = widgets.IntSlider(value=layer, max=view.layers - 1, description="Layer", continuous_update=False, **wide)
    heads = widgets.IntSlider(value=head, max=view.heads - 1, description="Head", continuous_update=False, **wide)
    query = widgets.Dropdown(description="From token", **wide)
    answer, state = widgets.HTML(), {"ready": False}  # False while the menu of tokens is being filled

    def update(_=None):
        if state["ready"]:
            answer.value = view.html(prompt.value, layers.value, heads.value, query.value)

    def list_tokens(_=None):
        state["ready"] = False
        query.options = [(f"{at} {string}", at) for at, string in enumerate(view.strings(prompt.value))]
        query.value = len(query.options) - 1
        state["ready"] = True
        update()

    def take(_=None):
        if own.value.strip():
            name = view.add(own.value)
            state["ready"] = False  # new options reset the menu to its first entry
            prompt.options = list(view.prompts)
            prompt.value = name
            list_tokens()

    prompt.observe(list_tokens, names="value")
    own.observe(take, names="value")
    layers.observe(update, names="value")
    heads.observe(update, names="value")
    query.observe(update, names="value")
    list_tokens()
    typed = [own] if _tokenizer(view.model) else []
    return widgets.VBox([prompt, *typed, layers, heads, query, answer])


def _tokenizer(model):
    return getattr(model, "tokenizer", None)


def _default(model) -> dict[str, str | Tokens]:
    texts = {text.split("\n")[0]: text for text in _TEXTS} if _tokenizer(model) else {}
    length = min(12, (model.cfg.n_ctx - 1) // 2)
    bos = None if _tokenizer(model) else 0  # the organisms' convention
    return {
        **texts,
        f"{length} random tokens, twice": repeated_tokens(model, 1, length, bos=bos),
    }

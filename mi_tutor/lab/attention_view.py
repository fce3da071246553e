"""Attention patterns to explore: the viewer of circuitsvis, with a still image inside.

circuitsvis' own output asks the network at each figure whether to inline 1.3 MB of script or to point to a CDN, gives
each figure a random id, draws nothing in a notebook that is not trusted yet, and breaks on a token that contains
`</script>`. Here the script travels once in a notebook (compressed, 0.5 MB), nothing asks the network, and the HTML is
the same each time. The still image stands until the viewer replaces it; in an untrusted notebook, or on a page without
scripts, it stays.
"""

import base64
import gzip
import hashlib
import importlib.util
import json
import math
from html import escape
from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from mi_tutor.lab.figures import image_html, style
from mi_tutor.lab.output import current_cell, display_html, every_output_is_a_page

_emitted: dict[str, object] = {}  # the cell and the execution that carry the script


def show_attention(
    pattern: Float[Tensor, "head pos pos"], strings: list[str], alt: str, *, names: list[str] | None = None
) -> None:
    """Display attention patterns; choose a head and hover over a token to see where it attends.

    Args:
        pattern: attention of one prompt, [head query key], rows sum to 1; for one head [query key] will do.
        strings: one printable string a position, from `models.token_strings`.
        alt: what the figure shows, in words; also the plain-text form of the output.
        names: one name a head, for example "18.6"; "0", "1", … by default.

    Raises:
        ValueError: shapes that do not fit together, or no alt text.
    """
    pattern = pattern.detach().float()
    pattern = pattern[None] if pattern.ndim == 2 else pattern
    if pattern.ndim != 3 or pattern.shape[1:] != (len(strings), len(strings)):
        raise ValueError(
            f"The pattern has shape {tuple(pattern.shape)} for {len(strings)} tokens; "
            "give [head query key] of one prompt."
        )
    names = names or [str(head) for head in range(len(pattern))]
    if len(names) != len(pattern):
        raise ValueError(f"There are {len(pattern)} heads and {len(names)} names.")
    if not alt or not alt.strip():
        raise ValueError("Say in alt what the figure shows: some readers cannot see it.")
    display_html(attention_html(pattern, strings, alt, names) + _script_if_new(), alt.strip())


def attention_html(pattern: Float[Tensor, "head pos pos"], strings: list[str], alt: str, names: list[str]) -> str:
    """The figure without the viewer's script: a still image, and the data for the viewer. Same input, same HTML."""
    props = {
        # two decimals are what the eye can tell apart, and keep nine heads on 15 tokens at 10 kB
        "attention": [[[round(value, 2) for value in row] for row in head] for head in pattern.tolist()],
        "attentionHeadNames": names,
        "tokens": strings,
        "maskUpperTri": True,
    }
    data = _script_safe(json.dumps(props, separators=(",", ":")))
    mark = hashlib.sha256(data.encode()).hexdigest()[:12]
    still, words = _still(pattern, strings, alt, names), escape(alt.strip())
    return (
        f'<div data-attention="{mark}" role="figure" aria-label="{words}">{still}</div>'
        f"<script>{_DRAW.replace('MARK', mark).replace('PROPS', data)}</script>"
    )


# The place gets its id only when it is drawn, so that a figure shown twice is drawn twice. The script that defines
# CircuitsVis may arrive later, or never.
_DRAW = """
(function () {
  var props = PROPS, tries = 0;
  (function draw() {
    if (window.CircuitsVis) {
      document.querySelectorAll('[data-attention="MARK"]:not([id])').forEach(function (place) {
        place.id = "attention-MARK-" + Math.random().toString(36).slice(2);
        window.CircuitsVis.render(place.id, window.CircuitsVis.AttentionHeads, props);
      });
    } else if (tries++ < 2400) { setTimeout(draw, 250); }
  })();
})();
"""

_DEFINE = """
(function () {
  if (window.CircuitsVis || !window.DecompressionStream) { return; }
  var packed = "PACKED".split(",")[1];
  var bytes = Uint8Array.from(atob(packed), function (c) { return c.charCodeAt(0); });
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text().then(function (code) {
    window.CircuitsVis = new Function(code + "; return CircuitsVis;")();
  });
})();
"""


def _script_safe(text: str) -> str:
    """JSON that can stand inside a <script>: no end tag and no comment can begin in it."""
    return text.replace("</", "<\\/").replace("<!--", "<\\u0021--")


def _script_if_new() -> str:
    cell, execution = current_cell()
    if _emitted and not every_output_is_a_page():
        rerun = cell is not None and cell == _emitted["cell"] and execution != _emitted["execution"]
        if not rerun:
            return ""  # the output that carries it still stands
    source = _viewer_source()
    if source is None:
        return ""
    _emitted.update(cell=cell, execution=execution)
    packed = "data:application/gzip;base64," + base64.b64encode(gzip.compress(source, 9, mtime=0)).decode()
    return f"<script>{_DEFINE.replace('PACKED', packed)}</script>"


def _viewer_source() -> bytes | None:
    """The viewer as circuitsvis ships it; found without importing circuitsvis. None when it is not installed."""
    spec = importlib.util.find_spec("circuitsvis")
    if spec is None or not spec.submodule_search_locations:
        return None
    file = Path(spec.submodule_search_locations[0]) / "dist" / "cdn" / "iife.js"
    return file.read_bytes() if file.exists() else None


def _still(pattern: Tensor, strings: list[str], alt: str, names: list[str]) -> str:
    import matplotlib.pyplot as plt

    columns = min(len(names), 3)
    rows = math.ceil(len(names) / columns)
    with style():
        fig, axes = plt.subplots(rows, columns, figsize=(2.6 * columns + 0.8, 2.4 * rows + 0.8), squeeze=False)
        few = len(strings) <= 20
        for index, axis in enumerate(axes.flat):
            axis.grid(False)
            axis.set_axis_on() if index < len(names) else axis.set_axis_off()
            if index >= len(names):
                continue
            axis.imshow(pattern[index].numpy(), vmin=0, vmax=1, cmap="Blues")
            axis.set_title(names[index])
            ticks = range(len(strings)) if few else []
            axis.set_yticks(ticks, strings if few and index % columns == 0 else [""] * len(ticks), fontsize=6)
            axis.set_xticks(ticks, strings if few and index // columns == rows - 1 else [""] * len(ticks), fontsize=6)
            axis.tick_params(axis="x", labelrotation=90)
        fig.supxlabel("attends to", fontsize=9)
        fig.supylabel("token", fontsize=9)
    html = image_html(fig, alt)
    plt.close(fig)
    return html

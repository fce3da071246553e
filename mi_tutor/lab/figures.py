"""Figures and tables of the course: one style, and words for those who do not see the picture.

`show(fig, alt)` displays a figure as HTML, `<figure><img alt="…" src="data:…"></figure>`: JupyterLab's own image
output drops the alt text; the plain-text form of the output is the alt text. The image bytes depend on the platform's
fonts and libraries. A comparison of stored outputs should therefore first replace
`data:[a-z/]+;base64,[A-Za-z0-9+/=]+` by a constant; what remains (alt text, caption, size) is compared.

Colours are those of Okabe and Ito (2008), which people with the common forms of colour blindness can tell apart.
"""

import base64
import io
from contextlib import contextmanager
from html import escape

from mi_tutor.lab.output import display_html
from mi_tutor.lab.tables import claims_table
from mi_tutor.lab.token_view import token_html, token_rows

__all__ = [
    "COLORS",
    "COLOR_CYCLE",
    "claims_table",
    "image_html",
    "show",
    "style",
    "token_html",
    "token_rows",
    "use_style",
]

COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "red": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "black": "#000000",
    "grey": "#7F7F7F",
}
COLOR_CYCLE = [COLORS[name] for name in ("blue", "orange", "green", "red", "purple", "sky", "black")]

_LARGEST = 60_000  # bytes
_QUALITIES = [(144, 128), (144, 32), (100, 64), (80, 16)]  # dots per inch, colours; the first that fits is taken
_STYLE = {
    "figure.figsize": (7.0, 4.0),
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.1,
    "figure.constrained_layout.h_pad": 0.08,
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": 10,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "font.family": "DejaVu Sans",  # comes with matplotlib, and has Hebrew, Arabic and Cyrillic letters
    "font.size": 10,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "image.cmap": "viridis",
    "image.interpolation": "nearest",
    "svg.hashsalt": "mi_tutor",
}


@contextmanager
def style():
    """The course's plotting style inside a `with` block; make the figure in the block."""
    import matplotlib
    from cycler import cycler

    with matplotlib.rc_context({**_STYLE, "axes.prop_cycle": cycler(color=COLOR_CYCLE)}):
        yield


def use_style() -> None:
    """The course's plotting style from here on; once at the top of a notebook."""
    import matplotlib
    from cycler import cycler

    matplotlib.rcParams.update({**_STYLE, "axes.prop_cycle": cycler(color=COLOR_CYCLE)})


def headline(fig, words: str) -> None:
    """Set a title over a whole figure as the titles of its axes are set: bold, at the left edge."""
    fig.suptitle(words, fontsize=11, fontweight="bold", x=0.01, ha="left")


def show(fig, alt: str, caption: str | None = None) -> None:
    """Display a matplotlib figure with alt text, and close it.

    Args:
        alt: what the figure shows, in words: the finding, and the numbers that carry it. Round them.
        caption: a visible line under the figure.

    Raises:
        ValueError: no alt text.
    """
    import matplotlib.pyplot as plt

    if not alt or not alt.strip():
        raise ValueError("Say in alt what the figure shows: some readers cannot see it.")
    html, words = image_html(fig, alt), alt.strip()
    plt.close(fig)
    if caption:
        html += f'<figcaption style="font-size:90%;max-width:44em">{escape(caption)}</figcaption>'
        words += f"\n{caption}"
    display_html(f'<figure style="margin:0.5em 0">{html}</figure>', words)


def image_html(fig, alt: str) -> str:
    """A figure as an `<img>` element with its bytes inside, denser than it is displayed."""
    width = round(fig.get_figwidth() * 96)
    data = base64.b64encode(_png(fig)).decode()
    return (
        f'<img alt="{escape(alt.strip())}" width="{width}" style="max-width:100%;height:auto;background:white" '
        f'src="data:image/png;base64,{data}">'
    )


def _png(fig) -> bytes:
    """PNG bytes without date or program name; coarser until they fit, so that notebooks stay small."""
    for dpi, colors in _QUALITIES:
        data = _render(fig, dpi, colors)
        if len(data) <= _LARGEST:
            break
    return data


def _render(fig, dpi: int, colors: int) -> bytes:
    from PIL import Image

    raw = io.BytesIO()
    fig.savefig(raw, format="png", dpi=dpi, metadata={"Software": None})
    raw.seek(0)
    picture = Image.open(raw).convert("RGB").quantize(colors, dither=Image.Dither.NONE)
    small = io.BytesIO()
    picture.save(small, format="png", optimize=True)
    return small.getvalue()

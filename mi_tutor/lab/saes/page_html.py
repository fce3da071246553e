"""Feature pages as HTML without any script from elsewhere: for the notebook, and as one file to send to somebody."""

import json
from collections.abc import Iterable
from html import escape
from pathlib import Path

from mi_tutor.lab.saes.feature_page import Context, Page

_STYLE = """
.sae{background:#fff;color:#111;font:14px/1.5 sans-serif;padding:.6em;max-width:62em}
.sae h3{margin:.8em 0 .2em;font-size:15px}.sae table{border-collapse:collapse}
.sae td,.sae th{padding:.1em .6em;text-align:left;vertical-align:top;font-weight:normal}
.sae .cols{display:flex;flex-wrap:wrap;gap:0 2.5em}.sae .mono{font-family:monospace}
.sae .ctx{font-family:monospace;white-space:pre-wrap;line-height:1.7}.sae b{text-decoration:underline}
.sae .bar{display:inline-block;height:.7em;background:#0072B2}.sae small{color:#555}
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{margin:1em}}{style}</style></head>
<body class="sae"><h1>{title}</h1><p>{intro}</p>
<p><label>Latent <select id="choice"></select></label>
<button id="back">previous</button> <button id="on">next</button></p>
<main id="page"></main>
<script id="data" type="application/json">{data}</script>
<script>
const pages = JSON.parse(document.getElementById("data").textContent);
const choice = document.getElementById("choice");
pages.forEach((page, index) => choice.add(new Option(page.name, index)));
function show(index) {{
  choice.selectedIndex = (index + pages.length) % pages.length;
  document.getElementById("page").innerHTML = pages[choice.selectedIndex].html;
}}
choice.onchange = () => show(choice.selectedIndex);
document.getElementById("back").onclick = () => show(choice.selectedIndex - 1);
document.getElementById("on").onclick = () => show(choice.selectedIndex + 1);
document.getElementById("page").onclick = event => {{
  const wanted = event.target.dataset && event.target.dataset.latent;
  const index = pages.findIndex(page => String(page.latent) === wanted);
  if (index >= 0) show(index);
}};
show(0);
</script><noscript><p>This page needs JavaScript to turn the leaves; nothing is loaded from a network.</p></noscript>
</body></html>
"""


def page_html(page: Page) -> str:
    """One page as a piece of HTML that carries its own style."""
    return f'<style>{_STYLE}</style><div class="sae">{_body(page)}</div>'


def write_html(
    pages: Iterable[Page], path: str | Path, *, title: str = "Latents of a sparse autoencoder", intro: str = ""
) -> None:
    """Write one self-contained file in which the reader chooses among pages.

    Raises:
        ValueError: no page.
    """
    leaves = [{"latent": page.latent, "name": _name(page), "html": _body(page, linked=True)} for page in pages]
    if not leaves:
        raise ValueError("There is no page to write: give at least one.")
    # In a script element only "</" and "<!--" could end the data early.
    data = json.dumps(leaves, ensure_ascii=False).replace("<", "\\u003c")
    text = _PAGE.format(title=escape(title), intro=escape(intro), style=_STYLE, data=data)
    Path(path).write_text(text, encoding="utf-8")


def _name(page: Page) -> str:
    label, _, share = max(page.classes, key=lambda one: one[2], default=("", 0.0, 0.0))
    return f"{page.latent} · {label} {share:.0%}" if share else f"{page.latent} · silent"


def _body(page: Page, *, linked: bool = False) -> str:
    """The page; `linked` makes the nearest latents clickable, which needs the script of the file."""
    if not page.top:
        return f"<h2>Latent {page.latent}</h2><p>It is active on none of these tokens.</p>"
    head = f"Active on {page.density:.2%} of the tokens; largest activation {page.top:.2f}."
    left, right = _histogram(page) + _classes(page), _tokens(page) + _nearest(page, linked)
    return (
        f'<h2>Latent {page.latent}</h2><p>{head}</p><div class="cols"><div>{left}</div><div>{right}</div></div>'
        f"<h3>Where it is active, from the largest activations to the smallest</h3>{_ranges(page)}"
    )


def _histogram(page: Page) -> str:
    tallest = max(page.histogram)
    bars = "".join(
        f'<rect x="{12 * place}" y="{80 - 80 * (count / tallest) ** 0.5:.1f}" width="10" '
        f'height="{80 * (count / tallest) ** 0.5:.1f}" fill="#0072B2"/>'
        for place, count in enumerate(page.histogram)
    )
    words = f"Histogram of the activations from 0 to {page.top:.2f}; tallest bar {tallest} tokens"
    return (
        f'<h3>Activations</h3><svg role="img" aria-label="{words}" width="240" height="82">{bars}</svg>'
        f"<br><small>0 to {page.top:.2f}; heights are square roots, the tallest is {tallest} tokens</small>"
    )


def _classes(page: Page) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{active:.1%}</td>"
        f'<td><span class="bar" style="width:{120 * share:.0f}px"></span> {share:.0%}</td></tr>'
        for name, active, share in sorted(page.classes, key=lambda one: -one[2])
    )
    head = "<tr><th>class</th><th>active on</th><th>share of the activation</th></tr>"
    return f"<h3>Classes</h3><table>{head}{rows}</table>"


def _tokens(page: Page) -> str:
    rows = "".join(
        f'<tr><td class="mono">{escape(up)}</td><td>{high:+.2f}</td>'
        f'<td class="mono">{escape(down)}</td><td>{low:+.2f}</td></tr>'
        for (up, high), (down, low) in zip(page.promoted, page.suppressed, strict=True)
    )
    head = '<tr><th colspan="2">raises</th><th colspan="2">lowers</th></tr>'
    return f"<h3>Logit weights</h3><table>{head}{rows}</table>"


def _nearest(page: Page, linked: bool) -> str:
    rows = "".join(
        f"<tr><td>{_link(latent) if linked else latent}</td><td>{cosine:.2f}</td></tr>"
        for latent, cosine in page.nearest
    )
    return f"<h3>Nearest decoder rows</h3><table><tr><th>latent</th><th>cosine</th></tr>{rows}</table>"


def _link(latent: int) -> str:
    return f'<a href="javascript:void 0" data-latent="{latent}">{latent}</a>'


def _ranges(page: Page) -> str:
    parts = []
    for low, high, count, contexts in page.ranges:
        rows = "".join(_row(context, page.top) for context in contexts)
        parts.append(f"<p>{low:.2f} to {high:.2f} <small>({count} tokens)</small></p><table>{rows}</table>")
    return "".join(parts)


def _row(context: Context, top: float) -> str:
    tokens = "".join(
        f'<span style="background:{_colour(value / top)}">{_marked(string, place == context.at)}</span>'
        for place, (string, value) in enumerate(zip(context.strings, context.values, strict=True))
    )
    value = context.values[context.at]
    return f'<tr><td>{escape(context.label)}</td><td>{value:.2f}</td><td class="ctx" dir="auto">{tokens}</td></tr>'


def _marked(string: str, mark: bool) -> str:
    text = escape(string).replace("·", " ")
    return f"<b>{text}</b>" if mark else text


def _colour(share: float) -> str:
    """White to the orange of the course's figures; black text stays readable on all of it."""
    red, green, blue = (round(255 - (255 - full) * max(0.0, min(1.0, share))) for full in (0xE6, 0x9F, 0x00))
    return f"rgb({red},{green},{blue})" if share > 0 else "none"

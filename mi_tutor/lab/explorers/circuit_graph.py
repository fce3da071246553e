"""An explorer: a circuit as a graph whose edges can be cut, and what each cut does to the answer."""

import os
from collections.abc import Callable, Iterable, Sequence
from html import escape

from mi_tutor.accessible import display_accessible
from mi_tutor.lab.paths.cutting import Edge

WIDTH, ROW, MARGIN = 640, 90, 70
INK, CUT = "#1b1b1b", "#b34700"


def svg(edges: Sequence[Edge], cut: Iterable[Edge] = ()) -> str:
    """The graph: early heads on the left, a row for each place, cut edges dashed."""
    cut = set(cut)
    rows = {place: row for row, place in enumerate(dict.fromkeys(edge.place for edge in edges))}
    where = _positions(edges, rows)
    height = max(y for _, y in where.values()) + 40
    parts = [
        f'<text x="8" y="{MARGIN + ROW * row}" fill="#555555">{escape(place)}</text>' for place, row in rows.items()
    ]
    for edge in edges:
        (x1, y1), (x2, y2) = where[edge.sender], where[edge.receiver]
        style = f'stroke="{CUT}" stroke-dasharray="5 5"' if edge in cut else f'stroke="{INK}"'
        # Bowed, so that an edge along a row does not run through the heads between.
        bow = 26 if y1 == y2 else 0
        parts.append(
            f'<path d="M {x1 + 20} {y1} Q {(x1 + x2) / 2} {(y1 + y2) / 2 - 2 * bow} {x2 - 24} {y2}" fill="none" '
            f'{style} stroke-width="1.6" marker-end="url(#head-{"cut" if edge in cut else "ink"})"/>'
            f'<text x="{(x1 + x2) / 2}" y="{(y1 + y2) / 2 - bow - 4}" text-anchor="middle" font-size="11" '
            f'fill="{CUT if edge in cut else INK}">{escape(edge.through)}</text>'
        )
    for name, (x, y) in where.items():
        parts.append(
            f'<rect x="{x - 22}" y="{y - 13}" width="44" height="26" rx="5" fill="#ffffff" stroke="{INK}"/>'
            f'<text x="{x}" y="{y + 4}" text-anchor="middle" font-size="12" fill="{INK}">{escape(name)}</text>'
        )
    markers = "".join(
        f'<marker id="head-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M 0 0 L 8 4 L 0 8 z" fill="{colour}"/></marker>'
        for name, colour in (("ink", INK), ("cut", CUT))
    )
    told = f"A circuit of {len(where)} nodes and {len(edges)} edges, {len(cut)} of them cut"
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="{told}" '
        f'style="background:#ffffff;max-width:100%;font-family:sans-serif;font-size:12px"><defs>{markers}</defs>'
        f"{''.join(parts)}</svg>"
    )


def _positions(edges: Sequence[Edge], rows: dict[str, int]) -> dict[str, tuple[float, float]]:
    """Node → its middle: by layer from left to right, in the row of the place where it writes."""
    names = list(dict.fromkeys([name for edge in edges for name in (edge.sender, edge.receiver)]))
    writes = {edge.sender: edge.place for edge in edges}  # the last place wins; a head that only reads: where it reads
    reads = {edge.receiver: edge.place for edge in edges}
    layers = sorted({name.split(".")[0] for name in names}, key=lambda layer: (layer == "logits", layer.zfill(3)))
    step = (WIDTH - 2 * MARGIN) / max(1, len(layers) - 1)
    last = {edge.sender for edge in edges if edge.receiver == "logits"}
    taken: dict[tuple[str, int], set[int]] = {}
    free: dict[int, int] = {}  # row → the next free line for what speaks to the answer
    where = {}
    for name in names:
        layer, row = name.split(".")[0], rows[writes.get(name) or reads[name]]
        used = taken.setdefault((layer, row), set())
        # What speaks to the answer stands one below the other, so that no edge runs through another's box.
        beside = free.get(row, 0) if name in last else 0
        while beside in used:
            beside += 1
        used.add(beside)
        if name in last:
            free[row] = beside + 1
        where[name] = (MARGIN + 10 + layers.index(layer) * step, MARGIN + ROW * row + 30 * beside - 10)
    return where


def explore(edges: Sequence[Edge], score: Callable[[list[Edge]], dict[str, float]]) -> None:
    """Show the graph and a box for each edge. Where outputs are stored, a sentence stands instead.

    Args:
        edges: all edges of the circuit.
        score: score(edges that are cut) → name → number, as the line below the graph shows it.
    """
    if os.environ.get("MI_TUTOR_ANSWERS") == "reference":
        print(
            "With a running kernel, the circuit appears here as a graph: cut its edges and see what the answer loses."
        )
        return
    import ipywidgets as widgets

    wide = {"indent": False, "layout": widgets.Layout(width="24em", max_width="100%")}
    boxes = [widgets.Checkbox(value=False, description=f"cut {edge}", **wide) for edge in edges]
    picture, answer = widgets.HTML(), widgets.HTML()
    start = score([])

    def update(_=None):
        cut = [edge for edge, box in zip(edges, boxes, strict=True) if box.value]
        picture.value = svg(edges, cut)
        answer.value = "running …"
        numbers = score(cut)
        answer.value = '<div style="background:#ffffff;color:#1b1b1b;padding:0.5em">' + "; ".join(
            f"{escape(name)} <b>{value:+.2f}</b> ({value - start[name]:+.2f})" for name, value in numbers.items()
        ) + " (in brackets: the change by all cuts)</div>"  # fmt: skip

    for box in boxes:
        box.observe(update, names="value")
    update()
    display_accessible(widgets.VBox([picture, answer, *boxes]))

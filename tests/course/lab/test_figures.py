"""Figures carry their words, tables and tokens cannot break the page, files stay small and the same."""

import base64
import re
from html.parser import HTMLParser

import pytest
import torch

from mi_tutor.lab import attention_view
from mi_tutor.lab.figures import COLOR_CYCLE, claims_table, show, style, token_html, token_rows


class Page(HTMLParser):
    """Every element of some HTML, with its attributes, and the visible text."""

    def __init__(self, html: str):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


def a_figure():
    import matplotlib.pyplot as plt

    with style():
        fig, axis = plt.subplots(figsize=(7, 4))
        for index in range(6):
            axis.plot([index * step % 7 for step in range(60)], label=f"series {index}")
        axis.set(title="Six lines cross", xlabel="step", ylabel="value")
        axis.legend()
    return fig


def test_the_alt_text_is_in_the_html_and_is_the_plain_text(shown):
    show(a_figure(), alt='The "best" neuron: AUROC < 0.9', caption="Layer 5 & 6")
    html, words = shown[0]
    image = Page(html).all("img")[0]
    assert image["alt"] == 'The "best" neuron: AUROC < 0.9'
    assert "Layer 5 & 6" in Page(html).text
    assert words == 'The "best" neuron: AUROC < 0.9\nLayer 5 & 6'


def test_a_figure_without_alt_text_is_refused(shown):
    with pytest.raises(ValueError, match="alt"):
        show(a_figure(), alt=" ")


def test_the_figure_is_closed(shown):
    import matplotlib.pyplot as plt

    plt.close("all")
    show(a_figure(), alt="lines")
    assert plt.get_fignums() == []


def image_of(html: str) -> bytes:
    return base64.b64decode(re.search(r"data:image/png;base64,([A-Za-z0-9+/=]+)", html)[1])


def test_images_are_small_and_the_same_each_time(shown):
    show(a_figure(), alt="lines")
    show(a_figure(), alt="lines")
    first, second = (image_of(html) for html, _ in shown)
    assert first == second and first.startswith(b"\x89PNG")
    assert len(first) < 60_000
    assert b"Software" not in first and b"tIME" not in first


def test_a_crowded_figure_is_made_coarser_until_it_is_small(shown):
    import matplotlib.pyplot as plt

    with style():
        fig, axis = plt.subplots(figsize=(7, 4))
        points = torch.randn(5, 2, 3000, generator=torch.Generator().manual_seed(0))
        for x, y in points:
            axis.scatter(x, y, s=4, alpha=0.4)
    show(fig, alt="a cloud")
    assert len(image_of(shown[0][0])) < 60_000


def test_the_style_ends_with_its_block():
    import matplotlib

    before = matplotlib.rcParams["axes.spines.top"]
    with style():
        assert matplotlib.rcParams["axes.prop_cycle"].by_key()["color"] == COLOR_CYCLE
        assert not matplotlib.rcParams["axes.spines.top"]
    assert matplotlib.rcParams["axes.spines.top"] == before


def test_claims_table_shows_each_claim_with_a_verdict_in_words(shown):
    claims_table(
        [
            {"claim": "AUROC > 0.9", "paper": "0.95", "measured": "0.91", "verdict": "held"},
            ("<script>x</script>", "1.6%", "2.0%", "did not replicate"),
        ]
    )
    html, words = shown[0]
    page = Page(html)
    assert "script" not in {tag for tag, _ in page.elements}
    assert "✓ held" in page.text and "✗ did not replicate" in page.text
    assert "verdict: did not replicate" in words and "we measured: 0.91" in words


@pytest.mark.parametrize(
    "row, sentence",
    [
        (("a", "b", "c", "yes"), "no verdict"),
        (("a", "b"), "2 entries"),
        ({"claim": "a", "paper": "b", "verdict": "held"}, "no measured"),
    ],
)
def test_a_bad_row_is_answered_in_words(row, sentence):
    with pytest.raises(ValueError, match=sentence):
        claims_table([row])


def test_tokens_are_escaped_and_the_strongest_is_marked_without_colour(shown):
    token_html(["·a", "</td><script>", "·b"], [0.5, 3.0, -1.0], title="x < y")
    html, words = shown[0]
    page = Page(html)
    assert "script" not in {tag for tag, _ in page.elements}
    marked = [attributes for attributes in page.all("span") if "underline" in attributes["style"]]
    assert [attributes["title"] for attributes in marked] == ["3.00"]
    assert words == "x < y  a«</td><script>» b  (3.00)"


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2."""

    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_highlighted_text_stays_readable(shown):
    token_html(list("abcde"), [-2.0, -1.0, 0.0, 1.0, 2.0])
    grounds = re.findall(r"<span[^>]*background-color:(#[0-9a-f]{6})", shown[0][0])
    assert len(set(grounds)) == 5
    assert min(contrast(ground, "#111111") for ground in grounds) > 7  # WCAG level AAA


def test_rows_share_one_scale(shown):
    token_rows([("1", ["a"], [1.0]), ("2", ["b"], [2.0])])
    weak, strong = re.findall(r"<span[^>]*background-color:(#[0-9a-f]{6})", shown[0][0])
    assert strong == "#e69f00" and weak != strong


def test_as_many_values_as_tokens_are_wanted():
    with pytest.raises(ValueError, match="2 tokens and 1 values"):
        token_html(["a", "b"], [1.0])


@pytest.fixture
def pattern():
    scores = torch.randn(2, 3, 3, generator=torch.Generator().manual_seed(0))
    return scores.masked_fill(torch.ones(3, 3).triu(1).bool(), -torch.inf).softmax(dim=-1)


def test_attention_is_the_same_html_each_time_with_an_image_inside(pattern):
    first, second = (
        attention_view.attention_html(pattern, ["a", "b", "c"], "alt words", ["0.0", "0.1"]) for _ in range(2)
    )
    assert first == second
    assert Page(first).all("img")[0]["alt"] == "alt words"


def test_a_token_cannot_end_the_script(pattern):
    html = attention_view.attention_html(pattern, ["</script><b>", "<!--", "c"], "alt", ["0", "1"])
    assert html.count("</script") == 1 and "<!--" not in html
    assert "b" not in {tag for tag, _ in Page(html).elements}


def test_the_script_travels_once(pattern, shown, monkeypatch):
    monkeypatch.setattr(attention_view, "_emitted", {})
    for _ in range(2):
        attention_view.show_attention(pattern, ["a", "b", "c"], "alt words")
    sizes = [len(html) for html, _ in shown]
    assert sizes[0] > 400_000 > 60_000 > sizes[1]
    assert shown[1][1] == "alt words"


def test_running_the_cell_that_carries_the_script_again_keeps_it(pattern, shown, monkeypatch):
    monkeypatch.setattr(attention_view, "_emitted", {})
    cells = iter([("first", 1), ("second", 2), ("first", 3), ("first", 3)])
    monkeypatch.setattr(attention_view, "current_cell", lambda: next(cells))
    for _ in range(4):
        attention_view.show_attention(pattern, ["a", "b", "c"], "alt words")
    assert ["application/gzip" in html for html, _ in shown] == [True, False, True, False]


def test_attention_of_another_length_is_refused(pattern):
    with pytest.raises(ValueError, match="2 tokens"):
        attention_view.show_attention(pattern, ["a", "b"], "alt")

"""What a feature page says, on a harvest small enough to count by hand; the file made of pages; the explorer."""

import json
import re
from types import SimpleNamespace

import pytest
import torch

from mi_tutor.lab import saes
from mi_tutor.lab.explorers import latents
from mi_tutor.lab.harvest import Harvest
from mi_tutor.lab.saes.activity import collect
from mi_tutor.lab.saes.feature_page import BINS, Pages
from mi_tutor.lab.saes.page_html import page_html, write_html

WORDS = ["the", "cat", "</script>", "<b>", "שלום"]
# Two documents of English, one of Hebrew; a row is the activation of the token itself: one axis a token.
IDS, DOCUMENT = [0, 1, 0, 2, 1, 1, 3, 4, 4, 4], [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
SIZES = [1.0, 2.0, 1.0, 3.0, 4.0, 1.0, 5.0, 6.0, 3.0, 0.5]


class Tokenizer:
    all_special_ids = ()

    def convert_ids_to_tokens(self, token):
        return "\u2603"  # not in the byte-level alphabet: then decode is asked

    def decode(self, ids):
        return WORDS[ids[0]]


@pytest.fixture(scope="module")
def pages():
    rows = torch.zeros(10, 5)
    for row, (token, size) in enumerate(zip(IDS, SIZES, strict=True)):
        rows[row, token] = size
    sae = saes.make("standard", 5, 6)
    with torch.no_grad():  # latent i reads token i; latent 5 is silent
        sae.W_enc.copy_(torch.eye(5, 6))
        sae.W_dec.copy_(torch.eye(6, 5))
        sae.W_dec[5] = torch.tensor([1.0, 2.0, 0.0, 0.0, 0.0])
    position = torch.tensor([0, 1, 2, 3, 0, 1, 2, 0, 1, 2])
    harvest = Harvest({"place": rows}, torch.tensor(IDS), position, torch.tensor(DOCUMENT))
    W_U = torch.eye(5) + 0.1 * torch.arange(5.0)
    model = SimpleNamespace(tokenizer=Tokenizer(), W_U=W_U, ln_final=SimpleNamespace(w=torch.full((5,), 2.0)))
    model.cfg = SimpleNamespace(normalization_type="RMS")
    activity = collect(sae, harvest, "place", ["english", "english", "hebrew"], batch_size=3)
    return Pages(model, sae, activity)


def test_activity_is_sorted_by_latent(pages):
    activity = pages.activity
    assert activity.counts.tolist() == [2, 3, 1, 1, 3, 0]
    rows, values = activity.of(1)
    assert rows.tolist() == [1, 4, 5] and values.tolist() == [2.0, 4.0, 1.0]
    assert activity.by_label().tolist() == [[2, 0], [3, 0], [1, 0], [1, 0], [0, 3], [0, 0]]
    assert activity.label_sizes.tolist() == [7, 3]


def test_the_best_latents_of_a_class(pages):
    assert pages.activity.best_for("hebrew", 1) == [4]
    assert pages.activity.best_for("english", 2) == [1, 0]  # F1 .6 and .44
    with pytest.raises(ValueError, match="there are english, hebrew"):
        pages.activity.best_for("french")


def test_a_page_by_hand(pages, monkeypatch):
    monkeypatch.setattr("mi_tutor.lab.models.direct_logits", lambda model, direction: direction @ model.W_U)
    page = pages.page(1, k=2, before=1, after=1)
    assert page.density == 0.3 and page.top == 4.0
    assert [round(low, 6) for low, *_ in page.ranges] == [3.2, 2.4, 1.6, 0.8, 0.0]
    assert [count for _, _, count, _ in page.ranges] == [1, 0, 1, 1, 0]
    (context,) = page.ranges[0][3]
    assert (context.strings, context.values, context.at) == (["cat", "cat"], [4.0, 1.0], 0)  # stays in its document
    assert (context.label, page.ranges[2][3][0].strings) == ("english", ["the", "cat", "the"])
    assert sum(page.histogram) == 3 and page.histogram[BINS - 1] == 1 and page.histogram[BINS // 2] == 1
    assert page.nearest[0] == (5, pytest.approx(2 / 5**0.5)) and page.nearest[1][1] == 0.0 and len(page.nearest) == 2
    # Row 1 of W_U is [0, 1.1, .2, .3, .4], mean .4.
    assert [word for word, _ in page.promoted] == ["cat", "שלום"] and page.promoted[0][1] == pytest.approx(0.7)
    assert page.suppressed[0] == ("the", pytest.approx(-0.4))
    (english, active, share), hebrew = page.classes
    assert (english, active, share) == ("english", pytest.approx(3 / 7), pytest.approx(1.0)) and hebrew[2] == 0.0


def test_a_dictionary_of_neurons_writes_through_their_output_weights(pages, monkeypatch):
    monkeypatch.setattr("mi_tutor.lab.models.direct_logits", lambda model, direction: direction)
    writes = torch.zeros(5, 5)
    writes[1, 3] = 7.0
    other = Pages(pages.model, pages.sae, pages.activity, writes=writes)
    assert other.page(1).promoted[0] == ("<b>", pytest.approx(7.0 - 7.0 / 5))


def test_the_logit_weights_are_those_of_the_lab(model, pages):
    """On SmolLM2: what the decoder row writes through the final norm's gain and the unembedding."""
    from mi_tutor.lab import models

    sae = saes.make("standard", 576, 3)
    shape = (pages.activity.row, pages.activity.value)
    activity = type(pages.activity)(
        pages.activity.harvest, pages.activity.label, ["a", "b"], *shape, torch.tensor([0, 2, 5, 10])
    )
    page = Pages(model, sae, activity).page(1, k=4)
    expected = models.direct_logits(model, sae.W_dec[1].detach())
    best = (expected - expected.mean()).topk(4)
    assert [weight for _, weight in page.promoted] == pytest.approx(best.values.tolist(), abs=1e-5)
    assert [word for word, _ in page.promoted] == models.token_strings(model, best.indices)


def test_wrong_use(pages, tmp_path):
    with pytest.raises(ValueError, match="choose 0 to 5"):
        pages.page(6)
    with pytest.raises(ValueError, match="at least one"):
        write_html([], tmp_path / "none.html")
    with pytest.raises(ValueError, match="2 labels for 3 documents"):
        collect(pages.sae, pages.activity.harvest, "place", ["english", "hebrew"])


@pytest.fixture
def plain_logits(monkeypatch):
    monkeypatch.setattr("mi_tutor.lab.models.direct_logits", lambda model, direction: direction @ model.W_U)


def test_html_escapes_the_tokens_and_marks_the_token(pages, plain_logits):
    text = page_html(pages.page(3))
    assert "&lt;b&gt;" in text and "<b>&lt;b&gt;</b>" in text
    assert "&lt;/script&gt;" in text and "</script>" not in text
    assert 'dir="auto"' in text and 'aria-label="Histogram' in text
    assert "data-latent" not in text  # a link that only the file's script could follow
    assert "active on none" in page_html(pages.page(5))


def test_the_file_is_self_contained(pages, plain_logits, tmp_path):
    file = tmp_path / "pages.html"
    write_html([pages.page(latent) for latent in range(6)], file, title="Six <latents>", intro="A & B")
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", text) and "Six &lt;latents&gt;" in text
    data = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL).group(1)
    leaves = json.loads(data)
    assert [leaf["latent"] for leaf in leaves] == [0, 1, 2, 3, 4, 5]
    assert leaves[4]["name"] == "4 · hebrew 100%" and "שלום" in leaves[4]["html"]
    assert text.count("</script>") == 2 and 'data-latent="5"' in leaves[1]["html"]


def test_the_explorer_shows_the_latent_that_is_chosen(pages, plain_logits):
    widgets = pytest.importorskip("ipywidgets")
    box = latents.build(widgets, pages, latent=1)
    (classes, best), (number, another), answer = box.children[0].children, box.children[1].children, box.children[2]
    assert "Latent 1" in answer.value
    classes.value = "hebrew"
    assert best.value == 4 and number.value == 4 and "Latent 4" in answer.value
    number.value = 3
    assert "Latent 3" in answer.value
    another.click()
    assert number.value != 5  # the silent latent is never drawn


def test_without_a_kernel_a_sentence_stands_instead(pages, monkeypatch, capsys):
    monkeypatch.setenv("MI_TUTOR_ANSWERS", "reference")
    latents.explore(pages)
    assert "With a running kernel" in capsys.readouterr().out

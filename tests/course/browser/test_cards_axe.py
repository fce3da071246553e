"""axe-core on all that the tutor and the lab show, on a light and on a dark page."""

import axe
import pytest
from made_cards import all_shown

GROUNDS = {"light": ("#ffffff", "#1b1b1b"), "dark": ("#111111", "#e0e0e0")}


@pytest.fixture(scope="module")
def checker():
    try:
        return axe.script()
    except axe.Unreachable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("ground", GROUNDS)
def test_axe_finds_nothing_serious_on_our_cards(ground, checker, chromium, tmp_path):
    paper, ink = GROUNDS[ground]
    blocks = "\n".join(f"<h2>{name}</h2>{html}" for name, html in all_shown().items())
    page = tmp_path / "cards.html"
    page.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Cards</title></head>'
        f'<body style="background:{paper};color:{ink}"><main><h1>Cards</h1>{blocks}</main></body></html>',
        "utf-8",
    )
    assert axe.serious_at(chromium, page.as_uri()) == []


def test_axe_would_find_a_pale_card(checker, chromium, tmp_path):
    """The checker itself is at work: pale text and a picture without words are found."""
    page = tmp_path / "pale.html"
    page.write_text(
        '<!doctype html><html lang="en"><title>Pale</title><main><h1>Pale</h1>'
        '<p style="color:#aaaaaa;background:#ffffff">hard to read</p><img src="data:,"></main></html>',
        "utf-8",
    )
    found = axe.serious_at(chromium, page.as_uri())
    assert {line.split()[0] for line in found} == {"color-contrast", "image-alt"}

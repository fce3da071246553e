"""The inks and grounds of all that we show, as they are written: contrast AA on light and on dark pages."""

import re
from html.parser import HTMLParser

import pytest
from made_cards import all_shown

AA = 4.5  # WCAG 2, text of normal size
PAGES = {"light": ((255, 255, 255), (33, 33, 33)), "dark": ((17, 17, 17), (224, 224, 224))}
VOID = {"img", "br", "hr", "input", "path", "rect", "meta", "link", "col"}
Colour = tuple[float, float, float]


class Inks(HTMLParser):
    """(text, ink, ground) of every piece of text, from the styles of the elements around it."""

    def __init__(self, html: str, ground: Colour, ink: Colour):
        super().__init__()
        self.around, self.texts = [(ground, ink)], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        ground, ink = self.around[-1]
        style = dict(part.split(":", 1) for part in (dict(attrs).get("style") or "").split(";") if ":" in part)
        style = {name.strip(): value.strip() for name, value in style.items()}
        background = style.get("background-color") or style.get("background")
        if background:
            ground = mixed(background, ground)
        if "color" in style or "fill" in dict(attrs):
            ink = mixed(style.get("color") or dict(attrs)["fill"], ink)
        if tag not in VOID:
            self.around.append((ground, ink))

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.around.pop()

    def handle_data(self, data):
        if data.strip():
            ground, ink = self.around[-1]
            self.texts.append((data.strip(), ink, ground))


def mixed(colour: str, under: Colour) -> Colour:
    """A colour of CSS, laid over another where it lets that through."""
    if match := re.fullmatch(r"#([0-9a-fA-F]{6})", colour):
        return tuple(int(match[1][at : at + 2], 16) for at in (0, 2, 4))
    if match := re.fullmatch(r"rgba\((\d+),(\d+),(\d+),([\d.]+)\)", colour.replace(" ", "")):
        share = float(match[4])
        return tuple(share * int(part) + (1 - share) * old for part, old in zip(match.groups()[:3], under, strict=True))
    named = {"white": (255, 255, 255), "none": under}
    if colour in named:
        return named[colour]
    raise AssertionError(f"this test cannot read the colour {colour!r}")


def contrast(one: Colour, other: Colour) -> float:
    def luminance(colour):
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", PAGES)
def test_everything_has_contrast_aa(page):
    for name, html in all_shown().items():
        weak = [
            (text, round(contrast(ink, ground), 2))
            for text, ink, ground in Inks(html, *PAGES[page]).texts
            if contrast(ink, ground) < AA
        ]
        assert weak == [], name


def test_a_pale_text_is_found():
    (text,) = Inks('<p style="color:#999999">pale</p>', *PAGES["light"]).texts
    assert contrast(*text[1:]) < AA

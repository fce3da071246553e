"""A slider's name for those who hear the page: the script of the explorers on the markup that ipywidgets writes."""

from unittest import mock

from mi_tutor.lab import named_sliders

SLIDER = """<div class="widget-inline-hbox"><label class="widget-label">Layer</label>
<div class="noUi-handle" style="height:9px" role="slider" tabindex="0" aria-valuenow="3"></div>
<div class="widget-readout" contenteditable="true">3</div></div>"""


def script() -> str:
    shown = []
    with (
        mock.patch("IPython.display.display"),
        mock.patch.object(named_sliders, "display_html", lambda html, words: shown.append(html)),
    ):
        named_sliders.display_named(None)
    (html,) = shown
    return html


def test_sliders_get_the_words_beside_them(chromium):
    """Those on the page, and those that are drawn later."""
    page = chromium.new_page()
    page.set_content(f"<main>{SLIDER}</main>{script()}")
    page.get_by_role("slider", name="Layer").wait_for()
    page.get_by_role("textbox", name="Layer, as a number").wait_for()
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", SLIDER)
    page.get_by_role("slider", name="Layer").nth(1).wait_for()
    page.close()

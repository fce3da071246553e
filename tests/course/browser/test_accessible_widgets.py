"""What ipywidgets in JupyterLab leaves out, on the markup that they write: names of sliders, keys for menus."""

from mi_tutor import accessible

WIDGET = """<div class="mi-tutor-widget"><div class="widget-inline-hbox"><label class="widget-label">Layer</label>
<div class="noUi-handle" style="height:9px" role="slider" tabindex="0" aria-valuenow="3"></div>
<div class="widget-readout" contenteditable="true">3</div></div><select><option>a</option></select></div>"""


def test_widgets_get_names_and_keys_however_late_they_are_drawn(chromium):
    page = chromium.new_page()
    page.set_content(f"<main>{WIDGET}</main><script>{accessible._MEND}</script>")
    page.get_by_role("slider", name="Layer").wait_for()
    page.get_by_role("textbox", name="Layer, as a number").wait_for()
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", WIDGET)
    page.get_by_role("slider", name="Layer").nth(1).wait_for()
    assert page.locator("select:not([data-lm-suppress-shortcuts])").count() == 0
    page.close()


def test_outside_a_notebook_only_the_widget_is_displayed(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)

    class Widget:
        def add_class(self, name):
            self.name = name

    widget = Widget()
    accessible.display_accessible(widget)
    assert shown == [widget] and widget.name

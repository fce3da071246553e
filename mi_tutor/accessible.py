"""Widgets for people at the keyboard and for those who hear the page; the lab and the tutor display theirs here.

ipywidgets in JupyterLab leaves two things out. JupyterLab takes the keys that move a menu or a choice for its own
shortcuts: arrows go to another cell, letters cut and insert cells. And the words beside a slider are not its name.
"""

_CLASS = "mi-tutor-widget"
# A widget is drawn some time after its cell has run, so the page is watched; once, however many cells ask for it.
_MEND = (
    """(() => {
  if (window.miTutorWidgets) return;
  const name = handle => {
    const box = handle.closest('.widget-inline-hbox'), words = box?.querySelector('.widget-label')?.textContent.trim();
    if (!words) return;
    handle.setAttribute('aria-label', words);
    const number = box.querySelector('.widget-readout[contenteditable]');
    if (number) { number.setAttribute('role', 'textbox'); number.setAttribute('aria-label', words + ', as a number'); }
  };
  const mend = () => {
    document.querySelectorAll('.CLASS :is(select, input, button, [role=slider]):not([data-lm-suppress-shortcuts])')
      .forEach(control => control.setAttribute('data-lm-suppress-shortcuts', 'true'));
    document.querySelectorAll('.CLASS .noUi-handle:not([aria-label])').forEach(name);
  };
  let waiting = false;
  const soon = () => { if (!waiting) { waiting = true; setTimeout(() => { waiting = false; mend(); }, 200); } };
  window.miTutorWidgets = new MutationObserver(soon);
  window.miTutorWidgets.observe(document.body, {childList: true, subtree: true});
  soon();
})()"""
).replace("CLASS", _CLASS)


def display_accessible(widget) -> None:
    """Display a widget in whose controls all keys work, and whose sliders have names."""
    from IPython import get_ipython
    from IPython.display import display

    widget.add_class(_CLASS)
    display(widget)
    if getattr(get_ipython(), "kernel", None) is not None:
        display({"text/html": f"<script>{_MEND}</script>", "text/plain": ""}, raw=True)

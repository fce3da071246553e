"""Names for sliders: ipywidgets writes the words beside a slider, and not where a screen reader looks for them."""

from mi_tutor.lab.output import display_html

# A slider is drawn some time after its cell has run, so the page is watched; once, however many cells ask for it.
_NAME = """(() => {
  if (window.miTutorNames) return;
  const name = () => document.querySelectorAll('.noUi-handle:not([aria-label])').forEach(handle => {
    const box = handle.closest('.widget-inline-hbox'), words = box?.querySelector('.widget-label')?.textContent.trim();
    if (!words) return;
    handle.setAttribute('aria-label', words);
    const number = box.querySelector('.widget-readout[contenteditable]');
    if (number) { number.setAttribute('role', 'textbox'); number.setAttribute('aria-label', words + ', as a number'); }
  });
  let waiting = false;
  const soon = () => { if (!waiting) { waiting = true; setTimeout(() => { waiting = false; name(); }, 200); } };
  window.miTutorNames = new MutationObserver(soon);
  window.miTutorNames.observe(document.body, {childList: true, subtree: true});
  soon();
})()"""


def display_named(widget) -> None:
    """Display a widget and give its sliders the words beside them as accessible names."""
    from IPython.display import display

    display(widget)
    display_html(f"<script>{_NAME}</script>", "")

"""What JupyterLab leaves out when it saves a notebook: widgets, which are dead without the kernel that made them.

Opened the next day, each of them would stand there as "Error displaying widget". Cards, figures and text stay.
"""

from __future__ import annotations

WIDGET = "application/vnd.jupyter.widget-view+json"


def without_widgets(model: dict, **_) -> None:
    """A `pre_save_hook` of JupyterLab: take the widgets out of what is written to disk, not out of the open page."""
    content = model.get("content")
    if model.get("type") != "notebook" or not isinstance(content, dict):
        return
    for cell in content.get("cells", []):
        if "outputs" in cell:
            cell["outputs"] = [output for output in cell["outputs"] if WIDGET not in output.get("data", {})]

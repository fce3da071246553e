"""How Sphinx makes the course's site. `python3 -m mi_tutor author site` runs it on a folder that it lays out."""

project = "mi_tutor"
author = "The mi_tutor authors"
copyright = "the mi_tutor authors; text CC BY 4.0, code MIT"

extensions = ["myst_nb", "mi_tutor.tutor.site.sphinx_parts"]
exclude_patterns = ["notebooks"]
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "off"
nb_merge_streams = True
html_math_renderer = "offline_mathml"
smartquotes = False  # the text of the notebooks stays as it is

html_theme = "furo"
html_title = "mi_tutor"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sourcelink = False
html_last_updated_fmt = None

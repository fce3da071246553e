"""What Sphinx lacks for this site: formulas without a script from the net, colours for notebook cells, sound HTML."""

import re
from html import escape

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from pygments.lexer import inherit
from pygments.lexers.python import PythonLexer
from pygments.token import Comment
from sphinx.util import logging


class NotebookCell(PythonLexer):
    """Python with the lines of IPython: magics (`%%exercise NAME`) and shell commands (`!pip …`)."""

    name = "Notebook cell"
    aliases = ("notebook_cell",)
    tokens = {"root": [(r"^\s*(%%?|!)[A-Za-z].*\n", Comment.Preproc), inherit]}  # noqa: RUF012 (as Pygments wants it)


_SIZES = re.compile(r"\\[bB]igg?[lrm]?(?![a-zA-Z])")  # brackets grow by themselves


def mathml(node: nodes.Node, block: bool) -> str:
    """A formula in the language of browsers. One that cannot be put into it is a warning."""
    try:
        return latex2mathml.tex2mathml(_SIZES.sub("", node.astext()), as_block=block)
    except MathError as error:
        logging.getLogger(__name__).warning("This formula cannot be shown: %s", error, location=node)
        return escape(node.astext())


def _inline(self, node: nodes.math) -> None:
    self.body.append(mathml(node, block=False))
    raise nodes.SkipNode


def _block(self, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{mathml(node, block=True)}</div>')
    raise nodes.SkipNode


def accessible(app, pagename, templatename, context, doctree) -> None:
    """Put right what a screen reader stumbles over: headings without a rank, a label that hides what is written."""
    for part in ("furo_navigation_tree", "body"):
        if context.get(part):
            html = re.sub(r'role="heading"(?! aria-level)', 'role="heading" aria-level="2"', context[part])
            context[part] = html.replace('<summary aria-label="Toggle hidden content">', "<summary>")


def setup(app) -> dict:
    app.connect("html-page-context", accessible, priority=900)  # after the theme has made its navigation
    app.add_html_math_renderer("offline_mathml", (_inline, None), (_block, None))
    app.add_lexer("notebook_cell", NotebookCell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

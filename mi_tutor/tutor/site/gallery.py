"""The gallery: every figure of the notebooks, with its alt text as the caption and a link to its place."""

from html import escape

from mi_tutor.tutor.site.chapters import Page
from mi_tutor.tutor.site.pictures import Picture


def gallery(pages: list[Page], pictures: list[Picture]) -> str:
    """The figures chapter by chapter."""
    lines = []
    for page in pages:
        own = [picture for picture in pictures if picture.chapter == page.name]
        if own:
            lines += [f"## {page.title}", "", *(_figure(picture) for picture in own), ""]
    return "\n".join(lines)


def _figure(picture: Picture) -> str:
    """One figure as HTML. The words under it are its alt text, so a screen reader is told them once, as the caption."""
    place = f"chapters/{picture.chapter}.html#{picture.anchor}"
    return (
        "```{raw} html\n"
        '<figure class="gallery">'
        f'<a href="{place}"><img loading="lazy" width="{picture.width}" height="{picture.height}" '
        f'alt="{escape(picture.alt)}" src="_static/figures/{picture.file}"></a>'
        f"<figcaption>{escape(picture.alt)} "
        f'<a href="{place}">{escape(picture.section)}</a></figcaption></figure>\n```'
    )

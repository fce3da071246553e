"""The running text of a piece of markdown: what may be changed word by word, apart from code, links and headings."""

import re

# Longest first where two begin alike. What these match is left alone.
_FIXED = re.compile(
    r"""
      ^(?P<fence>```+|~~~+)[^\n]*\n.*?(?:^(?P=fence)[^\n]*$|\Z)   # a block of code
    | ^\#{1,6}\ [^\n]*$                                           # a heading
    | ^\|\ \*\*You\ are\ here\*\*[^\n]*$                             # the names of chapters
    | ^\([\w.-]+\)=$                                              # a target for links
    | \$\$.*?\$\$ | (?<![\\\w$])\$[^$\n][^$]*?\$(?!\w)            # mathematics
    | \{[\w:-]+\}`[^`]*`                                          # a role: a link that is there already
    | (?P<ticks>`+).*?(?P=ticks)                                  # code within a line
    | !?\[[^\]]*\]\([^)]*\) | <https?://[^>]*>                    # links and pictures
    | <!--.*?--> | </?[A-Za-z][^>]*>                              # HTML
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)


def pieces(text: str) -> list[tuple[bool, str]]:
    """`text` cut into (may be changed, piece); joined, the pieces are `text` again."""
    found, start = [], 0
    for match in _FIXED.finditer(text):
        found += [(True, text[start : match.start()]), (False, match.group())]
        start = match.end()
    found.append((True, text[start:]))
    return [piece for piece in found if piece[1]]

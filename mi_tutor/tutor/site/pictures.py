"""The figures of a notebook: taken out of its outputs into files, for light pages and for the gallery."""

import base64
import re
import struct
from dataclasses import dataclass
from html import unescape
from pathlib import Path

_IMAGE = re.compile(r'<img (?P<before>[^>]*?)src="data:image/png;base64,(?P<data>[A-Za-z0-9+/=\s]+)"(?P<after>[^>]*)>')


@dataclass(frozen=True)
class Picture:
    """A figure of a chapter; `anchor` is its id on the chapter's page."""

    chapter: str  # NN_name
    number: int
    alt: str
    section: str  # the heading above it
    width: int
    height: int

    @property
    def anchor(self) -> str:
        return f"figure-{self.number}"

    @property
    def file(self) -> str:
        return f"{self.chapter}-{self.number}.png"


class Album:
    """Collects the pictures of the notebooks in `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.pictures: list[Picture] = []
        folder.mkdir(parents=True, exist_ok=True)

    def take_out(self, html: str, chapter: str, section: str) -> str:
        """`html` with each picture in it referring to a file of its own, which is written here."""
        return _IMAGE.sub(lambda match: self._one(match, chapter, section), html)

    def _one(self, match: re.Match, chapter: str, section: str) -> str:
        data = base64.b64decode(match["data"])
        attributes = match["before"] + match["after"]
        number = sum(picture.chapter == chapter for picture in self.pictures) + 1
        across, down = struct.unpack(">II", data[16:24])
        width = int((re.search(r'width="(\d+)"', attributes) or [0, across])[1])
        alt = re.search(r'alt="([^"]*)"', attributes)
        picture = Picture(
            chapter, number, unescape(alt[1]) if alt else "", section, width, round(width * down / across)
        )
        (self.folder / picture.file).write_bytes(data)
        self.pictures.append(picture)
        return (
            f'<img id="{picture.anchor}" loading="lazy" height="{picture.height}" {attributes.strip()} '
            f'src="../_static/figures/{picture.file}">'
        )

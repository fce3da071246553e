"""Strings that no person wrote: DNA, base64, hexadecimal and plain numbers, from a fixed seed.

Each kind comes in several of the forms found in the wild, so that one surface pattern does not stand for the kind.
"""

import base64
import json
from collections.abc import Callable

from mi_tutor.lab.corpus.stream import Stream


def strings(kind: str, count: int) -> list[str]:
    """`count` different strings of one kind: "dna", "base64", "hex" or "digits"."""
    return [KINDS[kind](Stream(f"{kind} {number}")) for number in range(count)]


def dna(stream: Stream) -> str:
    """40 to 150 bases; GC content, repeats, case and grouping differ from string to string."""
    gc = stream.between(30, 65)
    length = stream.between(40, 150)
    bases = "".join(_base(stream, gc) for _ in range(length))
    if stream.integer(4) == 0:
        unit = "".join(_base(stream, gc) for _ in range(stream.between(2, 6)))
        middle = length // 2
        bases = (bases[:middle] + unit * stream.between(3, 7) + bases[middle:])[:150]
    form = stream.integer(5)
    if form == 0:
        return bases.lower()
    if form == 1:
        return _grouped(bases, 10)
    return bases


def base64_text(stream: Stream) -> str:
    """Base64 of 24 to 100 bytes: uniform bytes, small integers, a small JSON record, or a file header and bytes."""
    length = stream.between(24, 90)
    form = stream.integer(4)
    if form == 0:
        content = stream.bytes(length)
    elif form == 1:
        content = b"".join(stream.between(0, 999).to_bytes(4, "little") for _ in range(length // 4))
    elif form == 2:
        content = _record(stream).encode("ascii")
    else:
        headers = (
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0\x00\x10JFIF",
            b"PK\x03\x04",
            b"\x1f\x8b\x08\x00",
            b"%PDF-1.7\n",
        )
        content = stream.choice(headers) + stream.bytes(length)
    return base64.b64encode(content).decode("ascii")


def hexadecimal(stream: Stream) -> str:
    """16 to 48 bytes in hexadecimal: run together, as a dump, as a fingerprint, or as 32-bit words."""
    content = stream.bytes(4 * stream.between(4, 12))
    form = stream.integer(4)
    if form == 0:
        return content.hex()
    if form == 1:
        return content.hex(" ")
    if form == 2:
        return content.hex(":").upper()
    return " ".join(f"0x{content[start : start + 4].hex()}" for start in range(0, len(content), 4))


def digits(stream: Stream) -> str:
    """6 to 20 numbers of one form: integers, decimals, single digits, long runs, or a small table."""
    count = stream.between(6, 20)
    form = stream.integer(5)
    if form == 0:
        return ", ".join(str(stream.integer(10 ** stream.between(1, 5))) for _ in range(count))
    if form == 1:
        return " ".join(f"{stream.integer(100)}.{stream.integer(1000):03d}" for _ in range(count))
    if form == 2:
        return " ".join(str(stream.integer(10)) for _ in range(2 * count))
    if form == 3:
        return "".join(str(stream.integer(10)) for _ in range(4 * count))
    rows = (" ".join(f"{stream.integer(1000):3d}" for _ in range(4)) for _ in range(max(2, count // 4)))
    return "\n".join(rows)


def _base(stream: Stream, gc_percent: int) -> str:
    return stream.choice("GC") if stream.integer(100) < gc_percent else stream.choice("AT")


def _record(stream: Stream) -> str:
    fields = {
        "id": stream.integer(10**6),
        "user": stream.choice(("anna", "bo", "carlos", "dina", "emil", "fay", "gus", "hana", "ivo", "june")),
        "role": stream.choice(("admin", "guest", "editor", "owner", "reader")),
        "expires": 1_600_000_000 + stream.integer(10**8),
        "ok": stream.choice((True, False)),
        "path": "/" + stream.choice(("img", "api/v2", "home", "docs", "tmp/cache")) + f"/{stream.integer(5000)}",
        "score": stream.integer(1000) / 10,
    }
    chosen = stream.shuffled(list(fields))[: stream.between(3, 5)]
    return json.dumps({name: fields[name] for name in chosen})


def _grouped(text: str, size: int) -> str:
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


KINDS: dict[str, Callable[[Stream], str]] = {
    "dna": dna,
    "base64": base64_text,
    "hex": hexadecimal,
    "digits": digits,
}

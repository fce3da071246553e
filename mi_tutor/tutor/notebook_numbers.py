"""How nearly the numbers in a notebook's outputs must be the stored ones.

Another processor adds in another order and rounds otherwise. A printed number may then end in another digit, and what a
small training run arrives at moves a little more. So words must be the stored ones, and numbers nearly: one unit of the
last digit where there are two decimals or more. Counts, and numbers with one decimal, which may be names (head 23.3),
must be the stored ones. In a cell with the tag `drifts` all of them may move as far as a training run does. A pytest
plugin beside nbval; `test` has it always.
"""

import re

import nbformat

NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?")
DRIFTS = "drifts"
# In such a cell: so many units of the last digit or this share of the number, whichever is more.
UNITS, SHARE, COUNT = 5, 0.1, 3
TEXTS = ("text/plain", "text/html", "text/markdown")


def pytest_configure(config) -> None:
    """From now on nbval compares numbers in this way."""
    from nbval.plugin import IPyNbCell

    exactly = IPyNbCell.compare_outputs
    if getattr(exactly, "nearly", False):
        return

    def compare_outputs(self, test, ref, skip_compare=None):
        drifts = DRIFTS in self.cell.metadata.get("tags", [])
        return exactly(self, _as_stored(test, ref, drifts, self.sanitize), ref, skip_compare)

    compare_outputs.nearly = True
    IPyNbCell.compare_outputs = compare_outputs


def nearly(got: str, stored: str, *, drifts: bool) -> bool:
    """Whether two texts have the same words, and numbers that are nearly the same."""
    if _words(got) != _words(stored):
        return False
    return all(
        _near(one, other, drifts) for one, other in zip(NUMBER.findall(got), NUMBER.findall(stored), strict=True)
    )


def _words(text: str) -> list[str]:
    # Columns are filled with spaces, and a number with one more digit has one fewer beside it.
    return re.sub(r"\s+", " ", NUMBER.sub(" 0 ", text)).split()


def _near(got: str, stored: str, drifts: bool) -> bool:
    if got == stored:
        return True
    decimals = max(len(text.partition(".")[2]) for text in (got, stored))
    unit, apart = 10.0**-decimals, abs(float(got) - float(stored))
    if drifts:
        allowed = max(UNITS * unit if decimals else COUNT, SHARE * abs(float(stored)))
    else:
        allowed = unit if decimals >= 2 else 0.0
    return apart <= allowed * (1 + 1e-6)


def _as_stored(test: list, ref: list, drifts: bool, sanitize) -> list:
    """The outputs of this run, with each text that is near enough put as it is stored."""
    if [_kind(one) for one in test] != [_kind(one) for one in ref]:
        return test
    return [_put(one, stored, drifts, sanitize) for one, stored in zip(test, ref, strict=True)]


def _kind(output: dict) -> tuple:
    return output.get("output_type"), output.get("name"), tuple(sorted(output.get("data", {})))


def _put(output: dict, stored: dict, drifts: bool, sanitize) -> dict:
    same = nbformat.from_dict(output)
    if "text" in stored and nearly(sanitize(output["text"]), sanitize(stored["text"]), drifts=drifts):
        same["text"] = stored["text"]
    if "data" in stored:
        for kind in TEXTS:
            one, other = output["data"].get(kind), stored["data"].get(kind)
            if one is not None and nearly(sanitize(one), sanitize(other), drifts=drifts):
                same["data"][kind] = other
    return same

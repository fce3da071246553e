"""Files that are either whole or not there, also after the process was killed in the middle of writing."""

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from torch import Tensor


def write(path: Path, fill: Callable[[Path], object]) -> None:
    """Let `fill` write a neighbouring file, then move it into place in one step. A stray `.part` does no harm."""
    part = path.with_name(path.name + ".part")
    try:
        fill(part)
        # The data must be on the disk before the name points to it.
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def write_json(path: Path, content: dict) -> None:
    """One JSON object."""
    write(path, lambda part: part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8"))


def write_tensors(path: Path, tensors: dict[str, Tensor], record: dict | None = None) -> None:
    """Tensors and a JSON record in one safetensors file, so that the two can never disagree."""
    from safetensors.torch import save_file

    whole = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    write(path, lambda part: save_file(whole, part, {"record": json.dumps(record or {})}))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict]:
    """What `write_tensors` wrote. The tensors are copies: they stay as they are when the file is replaced."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        record = json.loads((file.metadata() or {}).get("record", "{}"))
        return {name: file.get_tensor(name).clone() for name in file.keys()}, record  # noqa: SIM118

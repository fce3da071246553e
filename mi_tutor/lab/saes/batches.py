"""Shuffled batches as a function of the step.

The batch of step 700 can be asked for without the 699 before it. So a training run that goes on after it was killed
sees exactly the data that it would have seen, and nothing about the data has to be stored in a checkpoint.
"""

import bisect
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor


class Batches:
    """batches(step) → Float[Tensor, "size d_model"], centred and scaled.

    Every epoch is a new random order of all rows. The rows that do not fill the last batch of an epoch are left out.

    Args:
        read: row numbers → rows.
        kept: the row numbers to draw from.
        size: rows in a batch.
        seed: of the order.
        mean, scale: a batch is (rows − mean) / scale.

    Raises:
        ValueError: fewer rows than one batch.
    """

    def __init__(
        self,
        read: Callable[[Int[Tensor, "batch"]], Float[Tensor, "batch d_model"]],
        kept: Int[Tensor, "row"],
        size: int,
        *,
        seed: int = 0,
        mean: Float[Tensor, "d_model"] | float = 0.0,
        scale: float = 1.0,
    ):
        if len(kept) < size:
            raise ValueError(f"There are {len(kept)} rows, fewer than one batch of {size}: choose a smaller batch.")
        self.read, self.kept, self.size, self.seed = read, kept, size, seed
        self.mean, self.scale = mean, scale
        self.in_epoch = len(kept) // size
        self._epoch, self._order = -1, kept

    def __call__(self, step: int) -> Float[Tensor, "size d_model"]:
        epoch, number = divmod(step, self.in_epoch)
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
            self._order = self.kept[torch.randperm(len(self.kept), generator=generator)]
            self._epoch = epoch
        chosen = self._order[number * self.size : (number + 1) * self.size]
        return (self.read(chosen) - self.mean) / self.scale


def of_tensor(x: Float[Tensor, "row d_model"], size: int, *, seed: int = 0) -> Batches:
    """Batches of rows that are in memory, neither centred nor scaled."""
    return Batches(lambda chosen: x[chosen], torch.arange(len(x)), size, seed=seed)


class Rows:
    """Random access to the rows of float16 safetensors files without holding them in memory.

    A memory map would do as well, but every page that was touched would count as the process's memory.
    """

    def __init__(self, files: list[Path]):
        self.files = [open(file, "rb", buffering=0) for file in files]  # noqa: SIM115  (open as long as the buffer)
        self.starts, self.ends, rows = [], [], 0
        for file in self.files:
            length = int.from_bytes(file.read(8), "little")
            entry = json.loads(file.read(length))["rows"]
            self.starts.append(8 + length + entry["data_offsets"][0])
            rows, self.width = rows + entry["shape"][0], entry["shape"][1]
            self.ends.append(rows)

    def read(self, index: Int[Tensor, "batch"]) -> Float[Tensor, "batch d_model"]:
        """The rows in the order asked for, in float16."""
        out = np.empty((len(index), self.width), dtype=np.float16)
        for place, row in enumerate(index.tolist()):
            shard = bisect.bisect_right(self.ends, row)
            before = self.ends[shard - 1] if shard else 0
            self.files[shard].seek(self.starts[shard] + (row - before) * 2 * self.width)
            self.files[shard].readinto(out[place])
        return torch.from_numpy(out)

    def __del__(self):
        for file in getattr(self, "files", []):
            file.close()

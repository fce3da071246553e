"""How fast path patching is against four passes with hooks and against TransformerLens: exactness is asserted, time is
printed.

Two pairs of IOI prompts (15 tokens, ABC corruption). The slow ways take one path at a time, so they are timed on a few
paths and the time of one path is multiplied by the number of senders. `patch_path` runs both plain passes again for
each path; who keeps them saves two of its passes, of three to the logits and of six to two heads.
"""

import os

import pytest
import torch
from test_sweep_speed import timed

from mi_tutor.lab import models, paths, tasks

THREADS = int(os.environ.get("SWEEP_THREADS", "2"))  # 1 on a busy machine, where two threads wait for each other
TIMED = {"embed": ("embed",), "17.4": ("head", 17, 4), "mlp 3": ("mlp", 3)}  # what the four passes are timed on
CASES = {
    "all senders → logits": ("logits", {}),
    "all senders → logits, MLPs frozen": ("logits", {"mlps": "frozen"}),
    "all senders → queries of 23.0, 23.1, 23.2 at END": (["23.0", "23.1", "23.2"], {"through": "q", "positions": [-1]}),
    "all senders → values of 19.2, 20.0": (["19.2", "20.0"], {"through": "v"}),
    "all senders → values of 19.2, 20.0, MLPs frozen": (["19.2", "20.0"], {"through": "v", "mlps": "frozen"}),
}


@pytest.fixture(scope="module")
def ioi():
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    model = models.load("smollm2")
    yield model, tasks.ioi(model, n=2)
    torch.set_num_threads(before)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_against_four_passes(ioi, tell, case):
    model, task = ioi
    receivers, options = CASES[case]
    clean, corrupted, metric = task.clean.ids, task.corrupted.ids, task.metrics["logit difference"]
    fast, sweep = timed(lambda: paths.noise(model, clean, corrupted, receivers, metric, **options), times=2)
    nodes = receivers if receivers == "logits" else [("head", *map(int, label.split("."))) for label in receivers]

    def four_passes():
        return [paths.patch_path(model, clean, corrupted, one, nodes, metric, **options) for one in TIMED.values()]

    one, expected = timed(four_passes)
    senders = sweep.axes["sender"]
    error = float((sweep.per_prompt[[senders.index(label) for label in TIMED]] - torch.stack(expected)).abs().max())
    _tell(tell, case, len(senders), len(TIMED), fast, one, error, "four passes, one path at a time")
    assert error < 1e-4


@pytest.mark.slow
def test_against_transformer_lens(ioi, tell):
    """Its sweep goes from one sender to each later head, so the last layers are what can be timed: 28.1 → 29.0–29.8."""
    from transformer_lens import patching

    model, task = ioi
    clean, corrupted, metric = task.clean.ids, task.corrupted.ids, task.metrics["logit difference"]
    names = ["blocks.28.attn.hook_z"]
    (_, theirs), (_, ours) = (model.run_with_cache(ids, names_filter=names) for ids in (corrupted, clean))

    def read(logits):
        return metric(logits[:, -1]).mean()

    def reference():
        return patching.get_act_patch_direct_path(model, clean, theirs, ours, read, 28, 1, "q", verbose=False)[29]

    options = {"through": "q", "mlps": "frozen", "senders": "heads"}
    slow_time, expected = timed(reference)
    fast, _ = timed(lambda: paths.noise(model, clean, corrupted, "29.0", metric, **options), times=2)
    got = [paths.noise(model, clean, corrupted, f"29.{h}", metric, **options | {"senders": ["28.1"]}) for h in range(9)]
    error = float((torch.stack([sweep.values[0] for sweep in got]) - expected).abs().max())
    _tell(tell, "261 heads → queries of 29.0, MLPs frozen", 261, 9, fast, slow_time, error, "transformer_lens.patching")
    assert error < 1e-4


def _tell(tell, case: str, n_paths: int, n_timed: int, fast, slow_time, error: float, called: str) -> None:
    wall, work = slow_time.wall / n_timed * n_paths, slow_time.processor / n_timed * n_paths
    tell(f"\n{case}: {n_paths} paths, 2 prompts of 15 tokens, {THREADS} threads")
    tell(f"    {called:<34}{wall:8.1f} s   (processor {work:.1f} s; {n_timed} of the paths were timed)")
    tell(f"    {'paths':<34}{fast.wall:8.2f} s   (processor {fast.processor:.2f} s)")
    ratio = f"{wall / fast.wall:.0f} times"
    tell(f"    {'faster':<34}{ratio:>10}   (processor {work / fast.processor:.0f} times)")
    tell(f"    {'largest difference':<34}{error:10.1e}   (at most 1e-4)")

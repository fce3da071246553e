"""How fast sweeps are against transformer_lens.patching: exactness is asserted, time is printed.

The aims: residual stream 30 layers × 15 positions at least 20 times faster with the same numbers to 1e-4, heads 30 × 9
at least 10 times, at most 1.3 GB resident. Two pairs of prompts are timed, because a sweep does not compute what two
runs have in common: in the first the prompts differ from the first word on, in the second only in one name (S2). The
slow way is one whole pass a place: `test` takes it through every fifth place and multiplies, `test --all` through all.
"""

import json
import os
import subprocess
import sys
import time
from typing import NamedTuple

import pandas
import pytest
import torch

from mi_tutor.lab import metrics, models, sweeps

CLEAN = "When Mary and John went to the store, John gave a drink to"
PAIRS = {
    "all words differ": "After Tom and Anna ran from a shop. Anna took the ball from",
    "one name differs": "When Mary and John went to the store, Mary gave a drink to",
}
KINDS = {"residual": "get_act_patch_resid_pre", "head": "get_act_patch_attn_head_out_all_pos"}
THREADS = int(os.environ.get("SWEEP_THREADS", "2"))  # 1 on a busy machine, where two threads wait for each other

MEMORY = """
import json, resource, sys, torch
torch.set_num_threads(int(sys.argv[3]))
from mi_tutor.lab import metrics, models, sweeps
model = models.load("smollm2")
mary, john = (models.single_token(model, name) for name in (" Mary", " John"))
metric = metrics.LogitDifference(torch.tensor([mary]), torch.tensor([john]))
clean, corrupted = models.tokens(model, sys.argv[1]), models.tokens(model, json.loads(sys.argv[2])[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sweeps.denoise(model, clean, corrupted, json.loads(sys.argv[2])[0], metric)
print(json.dumps([before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


@pytest.fixture(scope="module")
def model():
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    yield models.load("smollm2")
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def difference(model):
    mary, john = (models.single_token(model, name) for name in (" Mary", " John"))
    return metrics.LogitDifference(torch.tensor([mary]), torch.tensor([john]))


class Timing(NamedTuple):
    wall: float
    processor: float


def timed(function, times: int = 1) -> tuple[Timing, object]:
    """The least of several timings, and the result."""
    taken = []
    for _ in range(times):
        wall, processor = time.perf_counter(), time.process_time()
        result = function()
        taken.append((time.perf_counter() - wall, time.process_time() - processor))
    return Timing(*map(min, zip(*taken, strict=True))), result


def peak_megabytes(component: str, corrupted: str) -> tuple[float, float]:
    """Resident memory of a process that loads the model and runs one sweep: before the sweep, and at most."""
    call = [sys.executable, "-c", MEMORY, CLEAN, json.dumps([component, corrupted]), str(THREADS)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=600, env={**os.environ})
    assert done.returncode == 0, done.stderr
    return tuple(kilobytes / 1024 for kilobytes in json.loads(done.stdout.splitlines()[-1]))


class Compared(NamedTuple):
    grid: str
    slow: Timing  # of the whole grid, though only `share` of it was run
    share: str
    fast: Timing
    error: float


def compared(model, difference, component: str, text: str, every: int) -> Compared:
    """TransformerLens on every `every`-th place of the grid, ours on the whole grid."""
    from transformer_lens import patching

    clean, corrupted = models.tokens(model, CLEAN).ids, models.tokens(model, text).ids
    assert clean.shape == corrupted.shape == (1, 15)
    end = "attn.hook_z" if component == "head" else "hook_resid_pre"
    _, cache = model.run_with_cache(clean, names_filter=lambda name: name.endswith(end))

    def sweep():
        return sweeps.denoise(model, clean, corrupted, component, difference).values

    shape = tuple(sweep().shape)
    # every so many, the last place among them
    places = [(layer, other) for layer in range(shape[0]) for other in range(shape[1])][::-every][::-1]
    rows = pandas.DataFrame(places, columns=["layer", "head" if component == "head" else "pos"])

    def reference():
        kind = getattr(patching, KINDS[component])
        chosen = {"index_axis_names": None, "index_df": rows}
        return kind(model, corrupted, cache, lambda x: difference(x[:, -1]).mean(), **chosen)

    before, ours = timed(sweep, times=4)
    slow, expected = timed(reference)
    after, _ = timed(sweep, times=4)  # before and after, because other work comes and goes
    fast = Timing(*map(min, zip(before, after, strict=True)))
    whole = Timing(*(taken * ours.numel() / len(places) for taken in slow))
    error = float((torch.stack([ours[place] for place in places]) - expected).abs().max())
    return Compared(" × ".join(map(str, shape)), whole, f"{len(places)} of {ours.numel()} places were run", fast, error)


def told(model, difference, tell, monkeypatch, pair: str, component: str, every: int) -> None:
    from transformer_lens import patching

    monkeypatch.setattr(patching, "tqdm", list)
    grid, slow, share, fast, error = compared(model, difference, component, PAIRS[pair], every)
    loaded, peak = peak_megabytes(component, PAIRS[pair])
    tell(f"\n{component} {grid}, {pair}, {THREADS} threads")
    tell(f"    {'transformer_lens.patching':<28}{slow.wall:7.1f} s   (processor {slow.processor:.1f} s; {share})")
    tell(f"    {'sweeps, least of 8':<28}{fast.wall:7.2f} s   (processor {fast.processor:.2f} s)")
    ratio = f"{slow.wall / fast.wall:.1f} times"
    tell(f"    {'faster':<28}{ratio:>9}   (processor {slow.processor / fast.processor:.1f} times)")
    tell(f"    {'largest difference':<28}{error:9.1e}   (at most 1e-4)")
    tell(f"    {'resident memory at most':<28}{peak:6.0f} MB   (loaded {loaded:.0f}, aim 1300)")
    assert error < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("component", KINDS)
def test_against_transformer_lens(model, difference, tell, monkeypatch, component):
    told(model, difference, tell, monkeypatch, "all words differ", component, every=5)


@pytest.mark.complete
@pytest.mark.parametrize("component", KINDS)
@pytest.mark.parametrize("pair", PAIRS)
def test_against_transformer_lens_at_every_place(model, difference, tell, monkeypatch, pair, component):
    told(model, difference, tell, monkeypatch, pair, component, every=1)


@pytest.mark.complete
def test_how_time_grows(model, tell):
    """With the layers of the sweep, the positions of the prompt, and the number of prompts."""
    generator = torch.Generator().manual_seed(0)

    def prompts(n: int, length: int) -> torch.Tensor:
        return torch.randint(1000, 20000, (n, length), generator=generator)

    def taken(n: int, length: int, layers: range, component: str) -> str:
        into, source = prompts(n, length), prompts(n, length)
        metric = metrics.LogitDifference(torch.arange(n), torch.arange(n) + 1)
        least, _ = timed(lambda: sweeps.patch(model, into, source, component, metric, layers=layers), times=2)
        return f"{least.wall:8.2f} s ({least.processor:6.2f})"

    last = {f"the last {k} layers": (1, 15, range(30 - k, 30)) for k in (5, 10, 20, 30)}
    long = {f"{length} positions": (1, length, range(20, 30)) for length in (8, 15, 30, 60)}
    many = {f"{n} prompts": (n, 15, range(20, 30)) for n in (1, 2, 4, 8)}
    for title, cases in (
        ("layers (1 prompt of 15 tokens)", last),
        ("positions (1 prompt, the last 10 layers)", long),
        ("prompts (of 15 tokens, the last 10 layers)", many),
    ):
        tell(f"\n{title:<46}{'residual (processor)':>22}{'heads (processor)':>22}")
        for name, case in cases.items():
            tell(f"{name:<46}{taken(*case, 'residual'):>22}{taken(*case, 'head'):>22}")

"""The trainer: recovery of known features, norms, dead latents, several SAEs at once, and death at any moment."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from mi_tutor.lab import saes
from mi_tutor.lab.saes import atomic, batches, dead, unit_norm
from mi_tutor.lab.saes.recipe import Recipe
from mi_tutor.lab.saes.training import Run

D_MODEL, TRUE = 24, 36
KINDS = {
    "standard": (saes.make("standard", D_MODEL, 72), Recipe(lr=1e-2, sparsity=1.0, sparsity_warm_up=100)),
    "topk": (saes.make("topk", D_MODEL, 72, k=3), Recipe(lr=1e-2, revive="auxiliary", dead_after=3000)),
    "batch_topk": (saes.make("batch_topk", D_MODEL, 72, k=3), Recipe(lr=1e-2)),
    "gated": (saes.make("gated", D_MODEL, 72), Recipe(lr=1e-2, sparsity=3.0)),
    "jumprelu": (saes.make("jumprelu", D_MODEL, 72), Recipe(lr=1e-2, sparsity=1.0)),
}


def world(count: int = 20_000) -> tuple[torch.Tensor, torch.Tensor]:
    """Sparse sums of known directions, with a mean norm of √d_model: (rows, directions)."""
    generator = torch.Generator().manual_seed(0)
    directions = F.normalize(torch.randn(TRUE, D_MODEL, generator=generator), dim=1)
    active = torch.rand(count, TRUE, generator=generator) < 0.06
    x = (active * (0.5 + torch.rand(count, TRUE, generator=generator))) @ directions
    return x * D_MODEL**0.5 / x.norm(dim=1).mean(), directions


def recovery(sae, directions) -> float:
    return (F.normalize(sae.W_dec.detach(), dim=1) @ directions.T).amax(0).mean().item()


@pytest.fixture(scope="module")
def trained():
    x, directions = world()
    named = {name: sae for name, (sae, _) in KINDS.items()}
    before = {name: recovery(sae, directions) for name, sae in named.items()}
    recipes = {name: recipe for name, (_, recipe) in KINDS.items()}
    histories = saes.train(named, batches.of_tensor(x, 256), recipes, steps=1000)
    return named, histories, before, directions


@pytest.mark.parametrize("kind", KINDS)
def test_known_features_are_recovered(trained, kind):
    named, histories, before, directions = trained
    assert before[kind] < 0.65
    assert recovery(named[kind], directions) > 0.97
    assert histories[kind][-1]["fve"] > 0.8 > histories[kind][0]["fve"]


@pytest.mark.parametrize("kind", KINDS)
def test_decoder_rows_have_length_one(trained, kind):
    torch.testing.assert_close(trained[0][kind].W_dec.norm(dim=1), torch.ones(72))


def test_training_together_is_training_alone(trained):
    """Several SAEs on one pass do not influence each other."""
    x, _ = world()
    pair = {name: saes.make("topk", D_MODEL, size, k=3, seed=1) for name, size in (("narrow", 40), ("wide", 90))}
    alone = saes.make("topk", D_MODEL, 40, k=3, seed=1)
    together = saes.train(pair, batches.of_tensor(x, 256), Recipe(), steps=60)
    history = saes.train(alone, batches.of_tensor(x, 256), Recipe(), steps=60)
    assert torch.equal(alone.W_dec, pair["narrow"].W_dec) and together["narrow"] == history["sae"]


def test_plain_and_fast_topk_train_alike():
    x, _ = world()
    plain, fast = (saes.make("topk", D_MODEL, 72, k=3, fast=fast) for fast in (False, True))
    for sae in (plain, fast):
        saes.train(sae, batches.of_tensor(x, 256), Recipe(), steps=40)
    torch.testing.assert_close(fast.W_dec, plain.W_dec, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(fast.W_enc, plain.W_enc, atol=1e-3, rtol=1e-3)


def test_projection_takes_out_what_lengthens_a_row():
    generator = torch.Generator().manual_seed(0)
    W, grad = F.normalize(torch.randn(5, 4, generator=generator), dim=1), torch.randn(5, 4, generator=generator)
    before = grad.clone()
    unit_norm.project(W, grad)
    torch.testing.assert_close((grad * W).sum(1), torch.zeros(5), atol=1e-6, rtol=0)
    along = (before * W).sum(1, keepdim=True) * W
    torch.testing.assert_close(grad, before - along)


def test_project_and_unit_norm_can_be_switched_off():
    x, _ = world(2000)
    made = {}
    for name, recipe in {
        "both": Recipe(),
        "no project": Recipe(project=False),
        "free": Recipe(lr=1e-2, unit_norm=False),
    }.items():
        made[name] = saes.make("topk", D_MODEL, 40, k=3)
        saes.train(made[name], batches.of_tensor(x, 256), recipe, steps=20)
    assert not torch.allclose(made["both"].W_dec, made["no project"].W_dec, atol=1e-3)
    assert (made["free"].W_dec.norm(dim=1) - 1).abs().max() > 0.01


def test_the_schedules():
    recipe = Recipe(lr=1.0, lr_warm_up=4, lr_decay=0.5, sparsity=2.0, sparsity_warm_up=10)
    assert [recipe.rate(step, 20) for step in (0, 1, 3, 9, 15, 19)] == [0.25, 0.5, 1.0, 1.0, 0.5, 0.1]
    assert [recipe.weight(step) for step in (0, 4, 9, 50)] == [0.2, 1.0, 2.0, 2.0]
    assert Recipe().weight(0) == 0.0
    resampling = Recipe(revive="resample", resample_every=5)
    assert [step for step in range(20) if resampling.resamples(step, 20)] == [4, 9, 14]  # not in the last fifth
    with pytest.raises(ValueError, match="resample"):
        Recipe(revive="often")


def test_silence_is_counted_in_rows():
    silent = torch.tensor([0, 100, 100])
    dead.update(silent, torch.tensor([0, 1, 0]), 32)
    assert silent.tolist() == [32, 0, 132]


def killed(recipe: Recipe, steps: int = 600):
    """An SAE with ten latents that start far below zero and never fire, trained; and those ten latents."""
    x, _ = world()
    sae = saes.make("standard", D_MODEL, 40)
    with torch.no_grad():
        sae.b_enc[:10] = -100.0
    history = saes.train(sae, batches.of_tensor(x, 256), recipe, steps=steps)["sae"]
    return sae, history, (sae.encode(x) > 0).sum(0)[:10]


def test_dead_latents_stay_dead_without_a_cure_and_resampling_wakes_them():
    recipe = {"sparsity": 1.0, "dead_after": 2000, "resample_every": 100}
    _, history, counts = killed(Recipe(**recipe))
    assert counts.tolist() == [0] * 10 and history[-1]["dead"] >= 0.25
    _, history, counts = killed(Recipe(**recipe, revive="resample"))
    assert (counts > 0).all() and history[-1]["dead"] < 0.1


def test_the_auxiliary_error_gives_dead_latents_alone_a_gradient():
    x, _ = world(64)
    sae = saes.make("topk", D_MODEL, 40, k=3)
    asleep = torch.zeros(40, dtype=torch.bool).index_fill_(0, torch.tensor([3, 7, 8]), True)
    residual = x - sae(x)
    error = dead.auxiliary_error(sae, x, residual, asleep, 2)
    pre = sae.pre(x)[:, asleep].relu()
    values, place = pre.topk(2)
    by_hand = torch.zeros_like(pre).scatter(1, place, values) @ sae.W_dec[asleep]
    torch.testing.assert_close(error, (residual - by_hand).pow(2).sum(1).mean())
    error.backward()
    assert (sae.W_dec.grad.abs().sum(1) > 0).tolist() == asleep.tolist()
    assert (sae.W_enc.grad.abs().sum(0) > 0).tolist() == asleep.tolist()
    assert dead.auxiliary_error(sae, x, residual, asleep, 64) is not None  # fewer dead latents than asked for


def test_resampled_latents_point_at_rows_and_adam_forgets_them():
    x, _ = world(400)
    sae = saes.make("standard", D_MODEL, 40)
    run = Run("one", sae, Recipe(), 100)
    for number in range(5):
        run.step(number, x[:200], None, False)
    asleep = torch.zeros(40, dtype=torch.bool).index_fill_(0, torch.tensor([3, 7]), True)
    kept = sae.W_dec[~asleep].clone()
    assert dead.resample(sae, run.optimizer, x, asleep, torch.Generator().manual_seed(0)) == 2
    likeness = sae.W_dec[asleep] @ F.normalize(x - sae.b_dec, dim=1).T
    torch.testing.assert_close(likeness.amax(1), torch.ones(2))
    torch.testing.assert_close(sae.W_dec.norm(dim=1), torch.ones(40))
    expected = 0.2 * sae.W_enc[:, ~asleep].norm(dim=0).mean()
    torch.testing.assert_close(sae.W_enc[:, asleep].norm(dim=0), expected.expand(2))
    assert torch.equal(sae.W_dec[~asleep], kept) and sae.b_enc[asleep].tolist() == [0.0, 0.0]
    for parameter, axis in ((sae.W_dec, 0), (sae.W_enc, 1), (sae.b_enc, 0)):
        for part in ("exp_avg", "exp_avg_sq"):
            moments = run.optimizer.state[parameter][part]
            assert (moments.index_select(axis, torch.tensor([3, 7])) == 0).all()
            assert (moments.index_select(axis, torch.tensor([0, 1])) != 0).any()


def test_resampling_prefers_rows_that_are_badly_reconstructed():
    x, _ = world(400)
    x[17] *= 50
    sae = saes.make("standard", D_MODEL, 40)
    with torch.no_grad():
        sae.W_enc.zero_()
    optimizer = torch.optim.Adam(sae.parameters())
    asleep = torch.zeros(40, dtype=torch.bool).index_fill_(0, torch.tensor([3]), True)
    dead.resample(sae, optimizer, x, asleep, torch.Generator().manual_seed(0))
    torch.testing.assert_close(sae.W_dec[3], F.normalize(x[17], dim=0))


STEPS = 150  # enough for ten deaths on the way


def killing(folder: Path, delays: list[float]) -> int:
    """Train in the folder, in a process that is killed after each delay, and at last to the end. Returns the deaths.

    The delays begin with the first file that the new process has written. All kinds are trained, with both cures of
    dead latents, and the state is saved every third step.
    """
    x, _ = world(3000)
    often = Recipe(sparsity=1.0, revive="resample", dead_after=600, resample_every=7)
    deaths = 0
    for delay in [*delays, None]:
        before = _age(folder)
        child = os.fork()
        if child == 0:
            named = {kind: saes.make(kind, D_MODEL, 60, **({"k": 3} if "topk" in kind else {})) for kind in saes.KINDS}
            recipes = dict.fromkeys(named, often) | {"topk": Recipe(revive="auxiliary", dead_after=600)}
            saes.train(named, batches.of_tensor(x, 128), recipes, steps=STEPS, folder=folder, save_every=3)
            os._exit(0)
        if delay is not None:
            while _runs(child) and _age(folder) == before:
                time.sleep(0.002)
            time.sleep(delay)
            os.kill(child, signal.SIGKILL)  # it may have ended; until it is waited for it is still ours
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert ended in ((0,) if delay is None else (0, -signal.SIGKILL))
        deaths += ended == -signal.SIGKILL
    return deaths


def _age(folder: Path) -> int | None:
    file = folder / "training.safetensors"
    return file.stat().st_mtime_ns if file.exists() else None


def _runs(child: int) -> bool:
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


# Imports take seconds, so one process imports, and forks the children that are killed. It is not pytest's own process:
# a fork of one in which torch has threads would hang.
SCRIPT = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
sys.path.insert(0, {here!r})
from test_sae_training import killing
print(killing(Path(sys.argv[1]), [float(delay) for delay in sys.argv[2:]]), killing(Path(sys.argv[1] + "_whole"), []))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_killed_at_ten_random_moments_it_ends_with_the_same_weights(tmp_path):
    generator = torch.Generator().manual_seed(int(time.time()))
    delays = (0.1 * torch.rand(10, generator=generator)).tolist()
    code = SCRIPT.format(here=os.path.dirname(__file__))
    command = [sys.executable, "-c", code, str(tmp_path / "run"), *map(str, delays)]
    deaths, undisturbed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert int(deaths) >= 5 and undisturbed == "0"
    killed_state, record = atomic.read_tensors(tmp_path / "run" / "training.safetensors")
    whole_state, expected = atomic.read_tensors(tmp_path / "run_whole" / "training.safetensors")
    assert record == expected and record["done"] == STEPS
    assert any("exp_avg" in name for name in whole_state)
    for name, value in whole_state.items():
        assert torch.equal(killed_state[name], value), f"{name} differs; the delays were {delays}"


def test_stopped_between_two_saves_it_repeats_the_lost_steps(tmp_path):
    x, _ = world(3000)
    data = batches.of_tensor(x, 128)
    recipe = Recipe(revive="auxiliary", dead_after=500)

    class PowerCut(Exception):
        pass

    def until(step):
        def cut(number):
            if number == step:
                raise PowerCut
            return data(number)

        return cut

    whole = saes.make("topk", D_MODEL, 60, k=3)
    saes.train(whole, data, recipe, steps=50)
    for step in (17, 31):
        with pytest.raises(PowerCut):
            saes.train(
                saes.make("topk", D_MODEL, 60, k=3), until(step), recipe, steps=50, folder=tmp_path, save_every=10
            )
    again = saes.make("topk", D_MODEL, 60, k=3)
    history = saes.train(again, data, recipe, steps=50, folder=tmp_path, save_every=10)
    assert all(torch.equal(one, other) for one, other in zip(again.parameters(), whole.parameters(), strict=True))
    assert [line["step"] for line in history["sae"]] == [0, 20, 40, 49]


def test_a_folder_with_another_run_is_refused(tmp_path):
    x, _ = world(1000)
    data = batches.of_tensor(x, 128)
    saes.train(saes.make("topk", D_MODEL, 60, k=3), data, Recipe(), steps=5, folder=tmp_path)
    for sae, other, recipe in (
        (saes.make("topk", D_MODEL, 60, k=4), data, Recipe()),
        (saes.make("topk", D_MODEL, 60, k=3), batches.of_tensor(x + 1, 128), Recipe()),
        (saes.make("topk", D_MODEL, 60, k=3), data, Recipe(lr=1e-4)),
    ):
        with pytest.raises(ValueError, match="choose another folder"):
            saes.train(sae, other, recipe, steps=5, folder=tmp_path)


def test_the_progress_bar_tells_the_metrics(monkeypatch):
    seen = []

    def bar(iterable, text):
        for item in iterable:
            yield item
            seen.append(f"{text}")

    monkeypatch.setattr("mi_tutor.lab.saes.training.progress_bar", bar)
    x, _ = world(1000)
    saes.train(saes.make("topk", D_MODEL, 60, k=3), batches.of_tensor(x, 128), Recipe(), steps=3, measure_every=1)
    assert seen[0].startswith("Training · FVE 0.") or seen[0].startswith("Training · FVE -")
    assert "L0 3" in seen[-1] and "dead" in seen[-1]

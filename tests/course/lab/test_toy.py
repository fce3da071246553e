"""The toy models' instruments: training repeats itself, shapes get their names, pictures and the explorer draw."""

import math

import torch

from mi_tutor.lab import toy_figures, toy_geometry, toy_training
from mi_tutor.lab.explorers import superposition as explorer
from mi_tutor.lab.toy_memorising import memorise


def polygon(corners: int) -> torch.Tensor:
    angles = 2 * math.pi * torch.arange(corners) / corners
    return torch.stack([angles.cos(), angles.sin()])


def trained(seed: int) -> torch.Tensor:
    W, b = toy_training.start(2, 1, 2, seed=seed)
    x = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 0.5], [0.5, 0.0]]])

    def loss_of(x):
        return (x - (torch.einsum("bif,ihf,ihg->big", x, W, W) + b).relu()).pow(2).sum(-1).mean(0)

    losses = toy_training.fit(toy_training.descend(loss_of), lambda: x, [W, b], steps=80, lr=0.05)
    assert losses.shape == (80, 2)
    assert (losses[-1] < losses[0]).all()
    return W.detach()


def test_training_repeats_exactly_and_depends_on_the_seed():
    assert torch.equal(trained(0), trained(0))
    assert not torch.equal(trained(0), trained(1))


def test_training_gives_the_threads_back():
    before = torch.get_num_threads()
    trained(0)
    assert torch.get_num_threads() == before


def test_groups_name_their_shapes():
    assert toy_geometry.shape_names(polygon(5)) == "1 × pentagon"
    assert toy_geometry.shape_names(polygon(3)) == "1 × triangle"
    flipped = polygon(3) * torch.tensor([1.0, 1.0, -1.0])  # same squared cosines, but no triangle
    assert toy_geometry.shape_names(flipped) == "1 × 3 features in 2 dimensions"
    both = torch.tensor([[1.0, -1.0, 0.0, 0.01], [0.0, 0.0, 1.0, 0.0]])  # the last feature is not represented
    assert toy_geometry.shape_names(both) == "1 × digon, 1 × own dimension"
    assert toy_geometry.shape_names(torch.zeros(2, 3)) == "nothing represented"
    assert [group.features for group in toy_geometry.groups(both)] == [(0, 1), (2,)]


def test_shapes_do_not_change_under_rotation():
    rotation = toy_geometry.random_rotation(2, seed=1)
    assert torch.allclose(rotation @ rotation.T, torch.eye(2), atol=1e-5)
    assert toy_geometry.shape_names(rotation @ polygon(5)) == "1 × pentagon"


def test_explorer_finds_the_pentagon_and_draws_it():
    model = explorer.train(0.95, 5, 0.9, steps=800)
    assert model.words == "1 × pentagon"
    assert len(explorer.figure([model, model]).axes) == 5  # two models, two rows, one colour bar


def test_explorer_shows_sliders_to_a_learner_and_words_in_a_stored_notebook(monkeypatch, capsys):
    shown = []
    monkeypatch.delenv("MI_TUTOR_ANSWERS", raising=False)
    monkeypatch.setattr("IPython.display.display", shown.append)
    explorer.explore()
    _, features, _, again, answer = shown[0].children
    before = answer.value
    features.value = 3
    assert "<img" in answer.value and answer.value != before
    again.click()
    monkeypatch.setenv("MI_TUTOR_ANSWERS", "reference")
    explorer.explore()
    assert len(shown) == 1
    assert "sliders" in capsys.readouterr().out


def test_pictures_are_drawn():
    W = torch.stack([polygon(5), 0.5 * polygon(5)])
    assert len(toy_figures.directions(W, ["a", "b"], columns=2).axes) == 2
    assert len(toy_figures.matrices([W[0], W[1]], ["a", "b"]).axes) == 3
    assert len(toy_figures.norms_and_interference(W, torch.zeros(2, 5), ["a", "b"]).axes) == 2
    maps = [[["superposition", "neither"], ["first only", "extra only"]]]
    assert len(toy_figures.phase_maps(maps, ["a"], [0.1, 1.0], [0.5, 2.0]).axes) == 1


def test_few_samples_are_memorised():
    few = memorise(3, steps=1200)
    assert few.train_loss < 0.05
    assert few.test_loss > 0.8
    assert few.hidden.shape == (2, 3)

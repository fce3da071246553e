"""Train the SAE of the one-layer model's MLP neurons, in the set-up of Bricken et al. (2023), and store it.

    python -m mi_tutor.lab.saes.train_one_layer --folder somewhere

A standard SAE with an L1 penalty on 512 neurons. The folder takes the activations (0.2 GB) and the state of the
training; the script can be stopped and started again. It needs Babel (see `one_layer.mixture`).
"""

import argparse
from pathlib import Path

import torch

from mi_tutor.lab import corpus
from mi_tutor.lab.activations import harvest, neuron_name
from mi_tutor.lab.saes.buffer import Buffer, fill
from mi_tutor.lab.saes.measuring import measure
from mi_tutor.lab.saes.one_layer import mixture, model
from mi_tutor.lab.saes.one_layer.train import streams
from mi_tutor.lab.saes.recipe import Recipe
from mi_tutor.lab.saes.shipped import FOLDER
from mi_tutor.lab.saes.splicing import splice
from mi_tutor.lab.saes.storing import load, make, save
from mi_tutor.lab.saes.texts import LENGTH, Pieces
from mi_tutor.lab.saes.training import train

PIECES, FEATURE, SEED = 1600, 2048, 0
STEPS, BATCH = 600, 1024
RECIPE = Recipe(lr=3e-3, sparsity=2.0, sparsity_warm_up=100, revive="resample", dead_after=50_000, resample_every=150)
NAME = neuron_name(0)
PER_LABEL = 30  # held-out texts of each label for the splice


def activations(bridge, folder: Path) -> Buffer:
    """Neurons on stretches of the training mixture, drawn with a seed that no training step of the model had."""
    ids, source = mixture.draw(streams(), 1_000_000, PIECES, LENGTH)
    return fill(folder / "one_layer", bridge, Pieces(ids, source, list(mixture.SHARES)), NAME)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the SAE of the one-layer model.")
    parser.add_argument("--folder", type=Path, required=True, help="for activations and the training's state")
    folder = parser.parse_args().folder
    bridge = model.load()
    buffer = activations(bridge, folder)
    data = buffer.batches(BATCH, seed=SEED)
    sae = make("standard", model.D_MLP, FEATURE, seed=SEED)
    history = train(sae, data, RECIPE, steps=STEPS, folder=folder / "one_layer_sae")["sae"]

    sae.change_units(buffer.mean, buffer.scale)
    sae.info = {
        "model": "one_layer",
        "name": NAME,
        "seed": SEED,
        "rows": len(buffer.kept),
        "batch": BATCH,
        "steps": STEPS,
        "recipe": RECIPE.as_json(),
        "torch": torch.__version__,
        "mean": [round(value, 5) for value in buffer.mean.tolist()],
        "scale": buffer.scale,
        "norm_limit": buffer.norm_limit,
        "history": [{key: round(value, 4) for key, value in line.items()} for line in history],
    }
    save(sae, FOLDER / "sae_one_layer", dtype=torch.float16)
    sae = load(FOLDER / "sae_one_layer")  # measured as it is stored, rounded
    held_out = corpus.load(split="test", per_label=PER_LABEL)
    read = harvest(bridge, held_out.texts, NAME, max_pos=model.CONTEXT)
    kept = read[NAME].norm(dim=1) <= buffer.norm_limit
    sae.info["held_out"] = measure(sae, read[NAME][kept]).as_json()
    long = [
        ids[:LENGTH]
        for ids in bridge.tokenizer(["\n".join(corpus.texts(one, "test")) for one in corpus.labels()])["input_ids"]
    ]
    ids = torch.cat([torch.full((len(long), 1), bridge.tokenizer.bos_token_id), torch.tensor(long)], dim=1)
    spliced = splice(bridge, sae, ids, NAME)
    sae.info["spliced"] = {
        "tokens": len(long) * LENGTH,
        **{key: round(value, 4) for key, value in vars(spliced).items()},
        "recovered_from_zero": round(spliced.recovered("zero"), 4),
        "recovered_from_mean": round(spliced.recovered("mean"), 4),
    }
    save(sae, FOLDER / "sae_one_layer", dtype=torch.float16)
    print({key: value for key, value in sae.info.items() if key in ("held_out", "spliced")})


if __name__ == "__main__":
    main()

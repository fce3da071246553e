"""Train the SAE of SmolLM2 that comes with the course, and store it with what was measured.

    python -m mi_tutor.lab.saes.train_smollm2 --folder somewhere

The folder takes the activations (0.3 GB) and the state of the training; the script can be stopped and started again.
Reading the texts takes about 2 minutes on two free cores, training about 2. The standard library's texts are those of
the Python that runs this: Python 3.11 for the published weights.
"""

import argparse
from pathlib import Path

import torch

from mi_tutor.lab import models
from mi_tutor.lab.activations import residual_name
from mi_tutor.lab.saes import texts
from mi_tutor.lab.saes.buffer import Buffer, fill
from mi_tutor.lab.saes.measuring import measure
from mi_tutor.lab.saes.recipe import Recipe
from mi_tutor.lab.saes.sae import SAE
from mi_tutor.lab.saes.shipped import FOLDER
from mi_tutor.lab.saes.splicing import splice
from mi_tutor.lab.saes.storing import load, make, save
from mi_tutor.lab.saes.training import train

LAYER, FEATURE, K, SEED = 10, 4096, 32, 0
EPOCHS, BATCH = 4, 1024
RECIPE = Recipe(lr=3e-3, revive="auxiliary")
SPLICED = 48  # pieces of held-out text of 127 tokens


def rows_of(buffer: Buffer, names: list[str]) -> torch.Tensor:
    """The kept rows of some sources."""
    wanted = torch.tensor([buffer.sources.index(name) for name in names])
    return buffer.rows(buffer.kept[torch.isin(buffer.source[buffer.kept], wanted)])


def describe(sae: SAE, buffer: Buffer, steps: int, history: list[dict]) -> dict:
    """Where the SAE comes from."""
    return {
        "model": "SmolLM2-135M-Instruct",
        "name": buffer.name,
        "seed": SEED,
        "rows": len(buffer.kept),
        "epochs": EPOCHS,
        "batch": BATCH,
        "steps": steps,
        "recipe": RECIPE.as_json(),
        "torch": torch.__version__,
        "mean": [round(value, 5) for value in buffer.mean.tolist()],
        "scale": buffer.scale,
        "norm_limit": buffer.norm_limit,
        "history": [{key: round(value, 4) for key, value in line.items()} for line in history],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the SAE of SmolLM2.")
    parser.add_argument("--folder", type=Path, required=True, help="for activations and the training's state")
    folder = parser.parse_args().folder
    model = models.load("smollm2")

    def tokenize(text: str) -> list[int]:
        return model.tokenizer(text, add_special_tokens=False)["input_ids"]

    name, held_out = residual_name(LAYER), texts.pieces(tokenize, "test")
    buffer = fill(folder / "train", model, texts.pieces(tokenize), name)
    test = fill(folder / "test", model, held_out, name)
    data = buffer.batches(BATCH, seed=SEED)
    steps = EPOCHS * data.in_epoch
    sae = make("topk", model.cfg.d_model, FEATURE, k=K, seed=SEED)
    history = train(sae, data, RECIPE, steps=steps, folder=folder / "sae")["sae"]

    sae.change_units(buffer.mean, buffer.scale)
    sae.info = describe(sae, buffer, steps, history)
    FOLDER.mkdir(exist_ok=True)
    save(sae, FOLDER / "sae_smollm2", dtype=torch.float16)
    sae = load(FOLDER / "sae_smollm2")  # measured as it is stored, rounded
    standard = list(texts.STANDARD_LIBRARY)
    sae.info["held_out"] = {
        "all": measure(sae, rows_of(test, test.sources)).as_json(),
        "standard library": measure(sae, rows_of(test, standard)).as_json(),
        **{one: measure(sae, rows_of(test, [one])).as_json() for one in test.sources},
    }
    ids = torch.cat([torch.full((SPLICED, 1), model.tokenizer.bos_token_id), held_out.ids[:SPLICED]], dim=1)
    spliced = splice(model, sae, ids, name)
    sae.info["spliced"] = {
        "tokens": SPLICED * texts.LENGTH,
        **{key: round(value, 4) for key, value in vars(spliced).items()},
        "recovered_from_zero": round(spliced.recovered("zero"), 4),
        "recovered_from_mean": round(spliced.recovered("mean"), 4),
    }
    save(sae, FOLDER / "sae_smollm2", dtype=torch.float16)
    print({key: value for key, value in sae.info.items() if key in ("held_out", "spliced")})


if __name__ == "__main__":
    main()

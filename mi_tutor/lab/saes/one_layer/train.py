"""Train the one-layer model and store it beside the SAEs' weights.

    python -m mi_tutor.lab.saes.one_layer.train

About 8 minutes on one free core; a run that was stopped goes on from its checkpoint. It needs Babel, which comes with
JupyterLab. The standard library's texts are those of the Python that runs this: Python 3.11 for the published weights.
"""

import argparse
import json
import math
from pathlib import Path

import torch
from torch import Tensor

from mi_tutor.lab import corpus
from mi_tutor.lab.progress import progress_bar
from mi_tutor.lab.saes import atomic
from mi_tutor.lab.saes.one_layer import mixture, model, vocabulary

STEPS, BATCH = 1000, 32
LEARNING_RATE, WARM_UP = 3e-3, 100
MEASURE, KEEP = 50, 100  # steps between two lines of the history, and between two checkpoints


def rate(step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine down to a twentieth."""
    if step < WARM_UP:
        return LEARNING_RATE * (step + 1) / WARM_UP
    share = (step - WARM_UP) / max(1, steps - WARM_UP)
    return LEARNING_RATE * (0.05 + 0.475 * (1 + math.cos(math.pi * share)))


def streams() -> dict[str, Tensor]:
    """The tokens of every source."""
    tokenizer = vocabulary.load()
    return {name: torch.tensor(tokenizer(mixture.text(name))["input_ids"]) for name in mixture.SHARES}


def held_out(weights: dict[str, Tensor]) -> dict[str, float]:
    """Nats a token on the corpus's test split, each label by itself: pieces of 127 tokens with BOS in front."""
    tokenizer, losses = vocabulary.load(), {}
    with torch.no_grad():
        for name in corpus.labels():
            ids = torch.tensor(tokenizer("\n".join(corpus.texts(name, "test")))["input_ids"])
            rows = ids[: len(ids) // 127 * 127].view(-1, 127)
            losses[name] = model.loss(weights, torch.cat([torch.zeros(len(rows), 1, dtype=torch.long), rows], 1)).item()
    return losses


def train(steps: int, checkpoint: Path) -> tuple[dict[str, Tensor], list[list[float]]]:
    """The weights after `steps` batches, and the history: [step, nats a token on the batch]."""
    weights, history, first = model.start(), [], 0
    state: dict[str, Tensor] = {}
    if checkpoint.exists():
        state, record = atomic.read_tensors(checkpoint)
        weights = {name: state[name] for name in weights}
        first, history = record["step"], record["history"]
    for weight in weights.values():
        weight.requires_grad_()
    optimizer = torch.optim.Adam(list(weights.values()), betas=(0.9, 0.98), fused=True)
    for name, weight in weights.items():
        if state:
            moments = {part: state[f"{part}/{name}"] for part in ("step", "exp_avg", "exp_avg_sq")}
            optimizer.state[weight] = moments
    text = streams()
    for step in progress_bar(range(first, steps), "Training"):
        optimizer.param_groups[0]["lr"] = rate(step, steps)
        loss = model.loss(weights, mixture.batch(text, step, BATCH, model.CONTEXT, bos=0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % MEASURE == 0 or step == steps - 1:
            history.append([step, round(loss.item(), 4)])
            print(step, history[-1][1], flush=True)
        if (step + 1) % KEEP == 0:
            moments = {f"{part}/{n}": v for n, w in weights.items() for part, v in optimizer.state[w].items()}
            atomic.write_tensors(checkpoint, weights | moments, {"step": step + 1, "history": history})
    return {name: weight.detach() for name, weight in weights.items()}, history


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the one-layer model.")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--checkpoint", type=Path, default=Path("one_layer_training.safetensors"))
    arguments = parser.parse_args()
    model.FILE.parent.mkdir(exist_ok=True)
    if not vocabulary.FILE.exists():
        # Each source is read in proportion to its share, so that every script gets its tokens.
        vocabulary.learn([mixture.text(name)[: 20_000 * share] for name, share in mixture.SHARES.items()])
    weights, history = train(arguments.steps, arguments.checkpoint)
    weights = {name: weight.half().float() for name, weight in weights.items()}  # measured as they will be stored
    record = {"steps": arguments.steps, "batch": BATCH, "context": model.CONTEXT, "held_out": held_out(weights)}
    atomic.write_tensors(model.FILE, {name: weight.half() for name, weight in weights.items()}, record)
    path = model.FILE.with_suffix(".json")
    path.write_text(json.dumps(record | {"history": history}, indent=1) + "\n", encoding="utf-8")
    print(record)


if __name__ == "__main__":
    main()

"""Train a TopK SAE with SAELens' own trainer, for `test_sae_speed`; runs in an environment that has SAELens.

python saelens_trainer.py DATA RESULT SETTINGS        (safetensors, safetensors, JSON)
"""

import json
import sys
import time

import torch
from sae_lens import TopKTrainingSAE, TopKTrainingSAEConfig
from sae_lens.config import LoggingConfig, SAETrainerConfig
from sae_lens.training.sae_trainer import SAETrainer
from safetensors.torch import load_file, save_file


def main() -> None:
    data, settings = load_file(sys.argv[1]), json.loads(sys.argv[3])
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(0)
    rows, order = data["rows"], data["order"]
    steps, batch = order.shape
    shape = {"d_in": rows.shape[1], "d_sae": settings["feature"], "k": settings["k"]}
    sae = TopKTrainingSAE(TopKTrainingSAEConfig(**shape, use_sparse_activations=settings["sparse"]))
    trainer = SAETrainer(
        SAETrainerConfig(
            total_training_samples=steps * batch,
            train_batch_size_samples=batch,
            lr=settings["lr"],
            lr_warm_up_steps=settings["lr_warm_up"],
            lr_decay_steps=int(settings["lr_decay"] * steps),
            lr_end=0.0,
            logger=LoggingConfig(log_to_wandb=False),
        ),
        sae,
        iter(rows[chosen] for chosen in order),
    )
    wall, work = time.perf_counter(), time.process_time()
    trainer.fit()
    wall, work = time.perf_counter() - wall, time.process_time() - work
    with torch.no_grad():
        out = torch.cat([sae(part) for part in data["test"].split(1024)])
    save_file({"out": out, "seconds": torch.tensor([wall, work], dtype=torch.float64)}, sys.argv[2])


if __name__ == "__main__":
    main()

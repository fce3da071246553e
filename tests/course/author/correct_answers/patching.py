"""Correct answers to chapter 08, written otherwise than the reference."""

import torch


def patch_each_position__where(clean, corrupted, finish):
    own = torch.eye(len(clean), dtype=torch.bool)[:, :, None]
    return finish(torch.where(own, clean[None], corrupted[None]))


def patch_each_position__list_of_runs(clean, corrupted, finish):
    runs = []
    for position in range(clean.shape[0]):
        run = corrupted.clone()
        run[position] = clean[position]
        runs.append(run)
    return finish(torch.stack(runs))


def normalised_effect__float64(patched, corrupted, clean):
    bottom, top = corrupted.double().mean(), clean.double().mean()
    if abs(top - bottom) < 1e-6:
        raise ValueError("nothing to divide by")
    return (patched.double() - bottom).mean(dim=1) / (top - bottom)


def normalised_effect__loops(patched, corrupted, clean):
    def mean(values):
        return sum(values.tolist()) / len(values)

    way = mean(clean) - mean(corrupted)
    if -1e-6 < way < 1e-6:
        raise ValueError("the runs do not differ")
    return torch.tensor([(mean(row) - mean(corrupted)) / way for row in patched])


def end_logits__loops(logits, mask):
    rows = []
    for text, real in zip(logits, mask, strict=True):
        positions = real.nonzero()[:, 0]
        if len(positions) == 0:
            raise ValueError("only padding")
        rows.append(text[positions[-1]])
    return torch.stack(rows)


def end_logits__flipped_mask(logits, mask):
    if (~mask).all(dim=1).any():
        raise ValueError("a row without a token")
    last = mask.shape[1] - 1 - mask.flip(1).int().argmax(dim=1)
    return logits.gather(1, last[:, None, None].expand(-1, 1, logits.shape[2]))[:, 0]


def run_metrics__softmax_in_float64(run_logits, clean_logits, answer, wrong):
    run, clean = run_logits.double().softmax(-1), clean_logits.double().softmax(-1)
    text = range(len(answer))
    return {
        "KL": torch.stack([(clean[i] * (clean[i].log() - run[i].log())).sum() for i in text]),
        "probability": torch.stack([run[i, answer[i]] for i in text]),
        "logit difference": torch.stack([run_logits[i, answer[i]] - run_logits[i, wrong[i]] for i in text]),
    }


def run_metrics__kl_div_of_torch(run_logits, clean_logits, answer, wrong):
    run, clean = run_logits.log_softmax(1), clean_logits.log_softmax(1)
    picked = run_logits.gather(1, torch.stack([answer, wrong], 1))
    return {
        "logit difference": picked[:, 0] - picked[:, 1],
        "probability": run_logits.softmax(1).gather(1, answer[:, None])[:, 0],
        "KL": torch.nn.functional.kl_div(run, clean, log_target=True, reduction="none").sum(dim=1),
    }


def window_layers__all_layers_sifted(layer, window, n_layers):
    if layer not in range(n_layers) or window <= 0:
        raise ValueError("no such window")
    below = window // 2
    return [number for number in range(n_layers) if -below <= number - layer < window - below]


def window_layers__grown_from_the_centre(layer, window, n_layers):
    if layer < 0 or layer >= n_layers or window < 1:
        raise ValueError("no such window")
    found = {layer}
    for step in range(1, window):
        distance = (step + 1) // 2
        found.add(layer - distance if step % 2 else layer + distance)
    return sorted(number for number in found if 0 <= number < n_layers)


def interaction__means_first(single, joint):
    return joint.double().mean() - single.double().mean(dim=1).sum()


def interaction__loops(single, joint):
    total = 0.0
    for prompt in range(len(joint)):
        total += float(joint[prompt]) - sum(float(effect) for effect in single[:, prompt])
    return total / len(joint)

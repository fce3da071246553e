"""Wrong answers to saes.absorption_rate that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.absorption_rate")
def observe_absorption_rate(absorption_rate):
    """Absorbed rows, misses, rows without the parent, company for the main latent; long and opposite directions."""
    parent = torch.tensor([2.0, 0.0])
    W_dec = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [-1.0, 0.0], [1.0, 10.0]])
    present = torch.tensor([True, True, True, False, True, True, True, True, True, False, True])
    latents = torch.tensor(
        [
            [2.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0, 0.0],
            [1.0, 1.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 1.0, 2.0, 0.0, 0.0],
            [0.5, 2.0, 0.0, 0.0, 0.0],
            [0.3, 2.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 2.0, 0.0, 0.0],
            [0.0, 3.0, 0.0, 0.0, 0.0],
        ]
    )
    yield absorption_rate(present, latents, W_dec, parent, 0, 0.5)
    wider = torch.cat([W_dec, torch.tensor([[0.0, -1.0]])])
    for row in ([0, 1.0, 0, 0, 0, 1.2], [0, 3.0, 0.5, 0, 0, 0], [0, 1.0, 2.0, 0, 0, 0]):
        yield absorption_rate(present[:1], torch.tensor([row]), wider, parent, 0, 0.5)
    yield absorption_rate(present[:3], torch.eye(5)[[4, 4, 1]], W_dec, parent, 0, 0.5)
    yield absorption_rate(present[:3], torch.eye(5)[[3, 3, 0]], W_dec, parent, 0, 0.5)


def _writes(W_dec, parent, cosine):
    return torch.cosine_similarity(W_dec, parent[None], dim=-1) > cosine


def _share(rows):
    return float(rows.float().mean())


@misconception(
    "saes.absorption_rate",
    says=(
        "You count every row where the parent is there and its main latent silent. Some of these are plain misses: no "
        "active latent writes the parent, so nothing has stood in for it."
    ),
)
def counts_all_misses(present, latents, W_dec, parent, main, cosine):
    return _share((latents[:, main] == 0)[present])


@misconception(
    "saes.absorption_rate",
    says="You divide by the rows where the main latent is silent. The rate is a fraction of all rows with the parent.",
)
def divides_by_the_misses(present, latents, W_dec, parent, main, cosine):
    silent = (latents[:, main] == 0) & present
    stand_in = ((latents > 0) & _writes(W_dec, parent, cosine)).any(-1)
    return _share(stand_in[silent])


@misconception(
    "saes.absorption_rate",
    says="Rows without the parent are counted too. Where the parent is absent its latent should be silent.",
)
def ignores_whether_the_parent_is_there(present, latents, W_dec, parent, main, cosine):
    stand_in = ((latents > 0) & _writes(W_dec, parent, cosine)).any(-1)
    return _share((latents[:, main] == 0) & stand_in)


@misconception(
    "saes.absorption_rate",
    says=(
        "You divide by all rows. How often the parent is present would change the rate; it is a fraction of the rows "
        "with the parent."
    ),
)
def divides_by_all_rows(present, latents, W_dec, parent, main, cosine):
    stand_in = ((latents > 0) & _writes(W_dec, parent, cosine)).any(-1)
    return _share((latents[:, main] == 0) & stand_in & present)


@misconception(
    "saes.absorption_rate",
    says=(
        "You count rows where the main latent is active beside another that writes the parent. There the parent is "
        "represented; nothing has a hole."
    ),
)
def counts_company(present, latents, W_dec, parent, main, cosine):
    writes = _writes(W_dec, parent, cosine)
    writes[main] = False
    return _share(((latents > 0) & writes).any(-1)[present])


@misconception(
    "saes.absorption_rate",
    says="You compare dot products with the limit. A long row at a wide angle then passes; the limit is a cosine.",
)
def takes_dot_products(present, latents, W_dec, parent, main, cosine):
    stand_in = ((latents > 0) & (W_dec @ parent > cosine)).any(-1)
    return _share(((latents[:, main] == 0) & stand_in)[present])


@misconception(
    "saes.absorption_rate",
    says="You take the cosine without its sign. A row that points the opposite way takes the parent out.",
)
def forgets_the_sign(present, latents, W_dec, parent, main, cosine):
    writes = torch.cosine_similarity(W_dec, parent[None], dim=-1).abs() > cosine
    return _share(((latents[:, main] == 0) & ((latents > 0) & writes).any(-1))[present])


@misconception(
    "saes.absorption_rate",
    says="You ask only the strongest latent of a row. Any active latent can write the parent.",
)
def asks_only_the_strongest(present, latents, W_dec, parent, main, cosine):
    strongest = latents.argmax(-1)
    stand_in = _writes(W_dec, parent, cosine)[strongest] & (latents > 0).any(-1)
    return _share(((latents[:, main] == 0) & stand_in)[present])


@misconception(
    "saes.absorption_rate",
    says=(
        "You count a row only where all active latents write the parent. Others are active in it too, for other "
        "features."
    ),
)
def wants_no_other_latent(present, latents, W_dec, parent, main, cosine):
    active = latents > 0
    alone = active.any(-1) & (~active | _writes(W_dec, parent, cosine)).all(-1)
    return _share(((latents[:, main] == 0) & alone)[present])

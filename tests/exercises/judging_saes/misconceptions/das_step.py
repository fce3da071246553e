"""Wrong answers to judging_saes.das_step that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.judge import seeded
from mi_tutor.tutor.misconceptions import misconception, probe


@probe("judging_saes.das_step", atol=1e-3)
def observe_das_step(das_step):
    """Two steps from a stored gradient: losses and parameters."""
    g = seeded(2)
    free, base, source = torch.randn(4, 2, generator=g), torch.randn(6, 4, generator=g), torch.randn(6, 4, generator=g)
    W, wanted = torch.randn(4, 3, generator=g), torch.tensor([0, 1, 2, 2, 1, 1])
    free.requires_grad_()
    optimizer = torch.optim.SGD([free], lr=0.3)
    free.grad = torch.full_like(free, 0.2)
    for _ in range(2):
        loss = das_step(free, base, source, lambda x: x @ W, wanted, optimizer)
        yield float(loss)
        yield free.detach().clone()


def _loss(basis, base, source, readout, wanted):
    changed = base + (source - base) @ basis @ basis.T
    return torch.nn.functional.cross_entropy(readout(changed), wanted)


def _basis(free):
    return torch.linalg.qr(free).Q


@misconception(
    "judging_saes.das_step",
    says="You never clear the gradients. backward() adds to what is stored, so each step repeats the earlier ones.",
)
def never_clears_gradients(free, base, source, readout, wanted, optimizer):
    loss = _loss(_basis(free), base, source, readout, wanted)
    loss.backward()
    optimizer.step()
    return loss.item()


@misconception(
    "judging_saes.das_step",
    says=(
        "You use the free numbers themselves as the basis. They are not orthonormal, so what is put in is not the "
        "source's part in any subspace."
    ),
)
def uses_the_free_numbers(free, base, source, readout, wanted, optimizer):
    loss = _loss(free, base, source, readout, wanted)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@misconception(
    "judging_saes.das_step",
    says="You put the base's part into the source. The base is the prompt that runs; the source gives.",
)
def exchanges_base_and_source(free, base, source, readout, wanted, optimizer):
    loss = _loss(_basis(free), source, base, readout, wanted)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@misconception(
    "judging_saes.das_step",
    says="You return the loss after the step. The one before it is asked for.",
)
def loss_after_the_step(free, base, source, readout, wanted, optimizer):
    optimizer.zero_grad()
    _loss(_basis(free), base, source, readout, wanted).backward()
    optimizer.step()
    return _loss(_basis(free), base, source, readout, wanted).item()


@misconception(
    "judging_saes.das_step",
    says="The free numbers do not move: the optimizer never takes its step.",
)
def never_steps(free, base, source, readout, wanted, optimizer):
    loss = _loss(_basis(free), base, source, readout, wanted)
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


@misconception(
    "judging_saes.das_step",
    says="You read out the source as it is. What the model says after the interchange is to be judged.",
)
def reads_the_source(free, base, source, readout, wanted, optimizer):
    loss = torch.nn.functional.cross_entropy(readout(source) + 0 * free.sum(), wanted)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@misconception(
    "judging_saes.das_step",
    says="You clear the gradients after the step. What an earlier step or somebody else has stored enters this one.",
)
def clears_afterwards(free, base, source, readout, wanted, optimizer):
    loss = _loss(_basis(free), base, source, readout, wanted)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@misconception(
    "judging_saes.das_step",
    says="You take the softmax twice: cross_entropy takes logits and does it itself.",
)
def takes_the_softmax_twice(free, base, source, readout, wanted, optimizer):
    loss = _loss(_basis(free), base, source, lambda x: readout(x).softmax(-1), wanted)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()

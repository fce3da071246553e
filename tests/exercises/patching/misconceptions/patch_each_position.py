"""Wrong answers to patching.patch_each_position that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("patching.patch_each_position")
def observe_patch_each_position(patch_each_position):
    """The value of each patch, and the shapes that finish sees."""
    clean = torch.tensor([[5.0, 1.0], [6.0, 2.0], [7.0, 0.0], [9.0, 4.0]])
    corrupted = torch.tensor([[1.0, 0.0], [2.0, 3.0], [3.0, 3.0], [4.0, 1.0]])
    shapes = []

    def finish(streams):
        shapes.append(tuple(streams.shape))
        if streams.ndim != 3:
            raise IndexError("one stream is no batch")
        return (streams.sum(dim=-1) * torch.tensor([1.0, 10.0, 100.0, 1000.0])).sum(dim=-1)

    given = corrupted.clone()
    values = outcome(lambda: patch_each_position(clean.clone(), given, finish))
    yield shapes
    # One observation: there are several ways to lose the corrupted stream.
    yield [values, bool(torch.equal(given, corrupted))]


@misconception(
    "patching.patch_each_position",
    says=(
        "You patched from the wrong run: the clean run goes on, with one corrupted position. That is noising and "
        "asks what the answer needs. Denoising starts from the corrupted run."
    ),
)
def patches_from_the_wrong_run(clean, corrupted, finish):
    streams, each = clean.repeat(len(clean), 1, 1), torch.arange(len(clean))
    streams[each, each] = corrupted
    return finish(streams)


@misconception(
    "patching.patch_each_position",
    says=(
        "Your patches pile up: in patch p all positions up to p are clean. Each patch must start from the corrupted "
        "stream again, or an effect is credited to later positions too."
    ),
)
def patches_pile_up(clean, corrupted, finish):
    running, rows = corrupted.clone(), []
    for position in range(len(clean)):
        running[position] = clean[position]
        rows.append(running.clone())
    return finish(torch.stack(rows))


@misconception(
    "patching.patch_each_position",
    says=(
        "Every row of your batch is the whole clean stream: all positions are clean in all rows. Each row must be a "
        "copy of its own of the corrupted stream, with one position made clean."
    ),
)
def patches_all_rows(clean, corrupted, finish):
    streams = corrupted.repeat(len(clean), 1, 1)
    streams[:] = clean
    return finish(streams)


@misconception(
    "patching.patch_each_position",
    says=(
        "You write into the corrupted stream itself, and all rows of your batch are that one tensor. What is made "
        "clean for one row is clean in all of them, and the stream that came in is gone. Copy it for each row."
    ),
)
def one_tensor_for_all_rows(clean, corrupted, finish):
    rows = []
    for position in range(len(clean)):
        row = corrupted
        row[position] = clean[position]
        rows.append(row)
    return finish(torch.stack(rows))


@misconception(
    "patching.patch_each_position",
    says=(
        "You give finish a single stream. It takes a batch, batch x pos x d_model, and all patches fit into one: "
        "stack them and call it once."
    ),
)
def without_a_batch(clean, corrupted, finish):
    values = []
    for position in range(len(clean)):
        stream = corrupted.clone()
        stream[position] = clean[position]
        values.append(finish(stream))
    return torch.stack(values)


@misconception(
    "patching.patch_each_position",
    says="You give back the change against the corrupted run. Asked for is the metric itself.",
)
def returns_the_change(clean, corrupted, finish):
    streams, each = corrupted.repeat(len(clean), 1, 1), torch.arange(len(clean))
    streams[each, each] = clean
    base = finish(corrupted.repeat(len(clean), 1, 1))
    return finish(streams) - base


@misconception(
    "patching.patch_each_position",
    says=(
        "The numbers are right, and the rest of the model runs once for each position. Put all patches into one "
        "batch: a run of many rows costs far less than many runs."
    ),
)
def one_run_a_position(clean, corrupted, finish):
    values = []
    for position in range(len(clean)):
        stream = corrupted.clone()
        stream[position] = clean[position]
        values.append(finish(stream[None])[0])
    return torch.stack(values)


@misconception(
    "patching.patch_each_position",
    says=(
        "You write into the corrupted stream itself. The next patch then starts from the last one, so that they pile "
        "up, and the stream that came in is gone. Copy it before you write."
    ),
)
def piles_up_in_the_corrupted_stream(clean, corrupted, finish):
    rows = []
    for position in range(len(clean)):
        corrupted[position] = clean[position]
        rows.append(corrupted.clone())
    return finish(torch.stack(rows))


@misconception(
    "patching.patch_each_position",
    says=(
        "You join the patches end to end into one long stream. finish takes a batch, batch x pos x d_model: stack "
        "them, so that each is a row."
    ),
)
def joins_end_to_end(clean, corrupted, finish):
    rows = []
    for position in range(len(clean)):
        row = corrupted.clone()
        row[position] = clean[position]
        rows.append(row)
    return finish(torch.cat(rows))


@misconception(
    "patching.patch_each_position",
    says=("You make everything clean from position p to the end. In patch p only position p is clean."),
)
def clean_from_here_on(clean, corrupted, finish):
    rows = []
    for position in range(len(clean)):
        row = corrupted.clone()
        row[position:] = clean[position:]
        rows.append(row)
    return finish(torch.stack(rows))


@misconception(
    "patching.patch_each_position",
    says=(
        "You stacked the patches along the wrong dimension: positions and patches have changed places. The batch "
        "comes first."
    ),
)
def stacks_along_positions(clean, corrupted, finish):
    rows = []
    for position in range(len(clean)):
        row = corrupted.clone()
        row[position] = clean[position]
        rows.append(row)
    return finish(torch.stack(rows, dim=1))


@misconception(
    "patching.patch_each_position",
    says=(
        "Your batch has a row that is no patch, and so the result has an entry too many. There is one entry for each "
        "position."
    ),
)
def the_unpatched_run_in_front(clean, corrupted, finish):
    streams, each = corrupted.repeat(len(clean), 1, 1), torch.arange(len(clean))
    streams[each, each] = clean
    return finish(torch.cat([corrupted[None], streams]))


@misconception(
    "patching.patch_each_position",
    says=("The numbers are right, and your batch has a row that is no patch. One row for each position is enough."),
)
def the_unpatched_run_goes_along(clean, corrupted, finish):
    streams, each = corrupted.repeat(len(clean), 1, 1), torch.arange(len(clean))
    streams[each, each] = clean
    return finish(torch.cat([corrupted[None], streams]))[1:]

"""Correct answers to chapter 02, written otherwise than the reference."""

import torch


def relu_output__matmul(x, W, b):
    hidden = W[None] @ x[..., None]
    return torch.clamp((W.mT[None] @ hidden)[..., 0] + b, min=0)


def relu_output__gram_matrix_and_loops(x, W, b):
    outputs = []
    for instance in range(W.shape[0]):
        gram = W[instance].T @ W[instance]
        outputs.append(torch.relu(x[:, instance] @ gram + b[instance]))
    return torch.stack(outputs, dim=1)


def reconstruction_loss__einsum(x, x_hat, importance):
    error = (x_hat - x).double()
    return torch.einsum("bif,bif,if->i", error, error, importance.double()) / len(x)


def reconstruction_loss__loops(x, x_hat, importance):
    losses = torch.zeros(x.shape[1])
    for instance in range(x.shape[1]):
        for feature in range(x.shape[2]):
            squares = (x[:, instance, feature] - x_hat[:, instance, feature]) ** 2
            losses[instance] += importance[instance, feature] * squares.mean()
    return losses


def gram_matrix__matmul(W):
    return W.transpose(1, 2) @ W


def gram_matrix__products_summed(W):
    return (W[:, :, :, None] * W[:, :, None, :]).sum(dim=1).to(torch.float64)


def interference__loops(W):
    result = torch.zeros(W.shape[0], W.shape[2])
    for k in range(W.shape[0]):
        for i in range(W.shape[2]):
            length = W[k, :, i].norm()
            if length == 0:
                continue
            others = [W[k, :, j] @ W[k, :, i] / length for j in range(W.shape[2]) if j != i]
            result[k, i] = sum(float(o) ** 2 for o in others)
    return result


def interference__diagonal_filled(W):
    gram = (W.mT @ W).double()
    squared = gram.square() / gram.diagonal(dim1=1, dim2=2)[..., None]
    squared = torch.nan_to_num(squared, nan=0.0)
    squared.diagonal(dim1=1, dim2=2).zero_()
    return squared.sum(dim=2)


def feature_dimensionality__gram(W):
    gram = (W.mT @ W).double()
    norms = torch.diagonal(gram, dim1=-2, dim2=-1)
    return torch.nan_to_num(norms**2 / gram.pow(2).sum(dim=-1), nan=0.0)


def feature_dimensionality__loops(W):
    rows = []
    for matrix in W:
        row = []
        for i in range(matrix.shape[1]):
            mine = matrix[:, i]
            size = float(mine @ mine)
            shared = float(((mine @ matrix) ** 2).sum())
            row.append(size * size / shared if size > 0 else 0.0)
        rows.append(row)
    return torch.tensor(rows)


def superposed__loops(W, norm=0.5, cosine=0.3):
    result = torch.zeros(W.shape[0], W.shape[2], dtype=torch.bool)
    for k, matrix in enumerate(W):
        sizes = matrix.norm(dim=0)
        for i in range(matrix.shape[1]):
            for j in range(matrix.shape[1]):
                if i != j and min(sizes[i], sizes[j]) > norm:
                    angle = matrix[:, i] @ matrix[:, j] / (sizes[i] * sizes[j])
                    result[k, i] |= bool(angle.abs() > cosine)
    return result


def superposed__gram_in_place(W, norm=0.5, cosine=0.3):
    sizes = W.norm(dim=1)
    shared = (W.mT @ W).abs() > cosine * sizes[:, :, None] * sizes[:, None, :]
    there = sizes > norm
    shared &= there[:, :, None] & there[:, None, :]
    shared.diagonal(dim1=1, dim2=2).fill_(False)
    return shared.any(dim=2)


def phase_of_runs__dictionary(W, loss):
    best = min(range(len(loss)), key=lambda run: float(loss[run]))
    there = tuple(abs(float(weight)) > 0.5 for weight in W[best].flatten())
    names = {(True, True): "superposition", (True, False): "first only", (False, True): "extra only"}
    return names.get(there, "neither")


def phase_of_runs__sorted_runs(W, loss):
    weights = W[loss.sort().indices][0].squeeze(0).abs()
    count = int((weights > 0.5).sum())
    if count in (0, 2):
        return ("neither", "", "superposition")[count]
    return ("first only", "extra only")[int(weights.argmax())]


def expected_losses__moments(density, importance):
    p, r = density.double(), importance.double()
    first, second = p / 2, p / 3
    alone = second - first.square()
    pair = p * p * (1 / 6)
    return {"superposition": pair + r * pair, "first only": r * alone, "extra only": alone}


def expected_losses__loops(density, importance):
    rows = {"first only": [], "extra only": [], "superposition": []}
    for p, r in zip(density.tolist(), importance.tolist(), strict=True):
        rows["first only"].append(r * (p / 3 - (p / 2) ** 2))
        rows["extra only"].append(p / 3 - (p / 2) ** 2)
        rows["superposition"].append((1 + r) * p**2 / 6)
    return {name: torch.tensor(values) for name, values in rows.items()}

"""Correct answers to chapter 03, written otherwise than the reference."""

import torch


def head_outputs__matmul(z, W_O):
    return (z.unsqueeze(-2) @ W_O).squeeze(-2)


def head_outputs__loops_in_place(z, W_O):
    result = torch.empty(*z.shape[:3], W_O.shape[2], dtype=torch.float64)
    for head in range(z.shape[2]):
        result[:, :, head] = z[:, :, head].double() @ W_O[head].double()
    return result


def stream_parts__list(embed, heads, attention, mlp):
    parts = [embed]
    for layer in range(len(mlp)):
        parts.extend(heads[layer])
        parts.append(attention[layer] - sum(heads[layer]))
        parts.append(mlp[layer])
    return torch.stack(parts)


def stream_parts__filled_in(embed, heads, attention, mlp):
    layers, count = heads.shape[:2]
    parts = embed.new_zeros(1 + layers * (count + 2), *embed.shape)
    parts[0] = embed
    table = parts[1:].view(layers, count + 2, *embed.shape)
    table[:, :count] = heads
    table[:, count] = attention - heads.sum(dim=1)
    table[:, count + 1] = mlp
    return parts


def logit_lens__float64(resid, gain, W_U, eps):
    x = resid.to(torch.float64)
    scale = torch.rsqrt(x.pow(2).mean(-1) + eps)
    return torch.einsum("lbd,d,dv,lb->lbv", x, gain.double(), W_U.double(), scale)


def logit_lens__loops(resid, gain, W_U, eps):
    folded = gain[:, None] * W_U
    return torch.stack([torch.stack([x @ folded / ((x @ x) / len(x) + eps) ** 0.5 for x in layer]) for layer in resid])


def direct_logit_attribution__whole_vocabulary(parts, gain, W_U, correct, wrong, eps):
    total = parts.sum(0)
    scale = (total.pow(2).mean(-1) + eps) ** -0.5
    logits = (parts * scale[None, :, None] * gain) @ W_U
    text = torch.arange(len(correct))
    return logits[:, text, correct] - logits[:, text, wrong]


def direct_logit_attribution__loops(parts, gain, W_U, correct, wrong, eps):
    result = torch.zeros(parts.shape[:2])
    for text in range(parts.shape[1]):
        total = parts[:, text].sum(dim=0)
        rms = (float(total @ total) / len(total) + eps) ** 0.5
        direction = (W_U[:, correct[text]] - W_U[:, wrong[text]]) * gain / rms
        result[:, text] = parts[:, text] @ direction
    return result


def kv_head__product_first(head, n_heads, n_kv_heads):
    if head < 0 or head >= n_heads:
        raise ValueError("no such head")
    return head * n_kv_heads // n_heads


def kv_head__list_of_groups(head, n_heads, n_kv_heads):
    group = [number for number in range(n_kv_heads) for _ in range(n_heads // n_kv_heads)]
    if head not in range(n_heads):
        raise ValueError(f"head must be below {n_heads}")
    return group[head]


def qk_ov__einsum(w_q, w_k, w_v, w_o, head):
    kv = head * len(w_k) // len(w_q)
    return torch.einsum("ie,je->ij", w_q[head], w_k[kv]), torch.einsum("ie,ej->ij", w_v[kv], w_o[head])


def qk_ov__repeated_heads(w_q, w_k, w_v, w_o, head):
    keys, values = (w.repeat_interleave(len(w_q) // len(w), dim=0).double() for w in (w_k, w_v))
    return w_q.double()[head].matmul(keys[head].mT), values[head].matmul(w_o.double()[head])


def head_type_scores__loops(pattern, n):
    sums = {"previous token": 0, "duplicate token": 0, "induction": 0}
    for query in range(n + 1, 2 * n + 1):
        for name, key in zip(sums, (query - 1, query - n, query - n + 1), strict=True):
            sums[name] = sums[name] + pattern[:, :, query, key].mean(dim=0)
    return {name: total / n for name, total in sums.items()}


def head_type_scores__diagonals(pattern, n):
    second = pattern.double().mean(dim=0)[:, n + 1 :]
    offsets = {"induction": 2, "duplicate token": 1, "previous token": n}
    return {name: second.diagonal(offset=o, dim1=1, dim2=2)[:, :n].mean(dim=1) for name, o in offsets.items()}

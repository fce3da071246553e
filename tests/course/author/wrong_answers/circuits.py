"""Wrong answers to chapter 03, beside the recorded misconceptions."""

import torch


def head_outputs__head_0_for_all(z, W_O):
    return torch.einsum("bphd,dm->bphm", z, W_O[0])


def head_outputs__heads_in_reverse(z, W_O):
    return torch.einsum("bphd,hdm->bphm", z, W_O.flip(0))


def head_outputs__divides_by_the_heads(z, W_O):
    return torch.einsum("bphd,hdm->bphm", z, W_O) / W_O.shape[0]


def head_outputs__mean_over_positions(z, W_O):
    outputs = torch.einsum("bphd,hdm->bphm", z, W_O)
    return outputs.mean(dim=1, keepdim=True).expand_as(outputs)


def head_outputs__scales_by_the_root_of_d_head(z, W_O):
    return torch.einsum("bphd,hdm->bphm", z, W_O) / z.shape[-1] ** 0.5


def stream_parts__bias_before_the_heads(embed, heads, attention, mlp):
    bias = attention - heads.sum(dim=1)
    layers = torch.cat([bias[:, None], heads, mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)])


def stream_parts__attention_for_the_bias(embed, heads, attention, mlp):
    layers = torch.cat([heads, attention[:, None], mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)])


def stream_parts__embedding_at_the_end(embed, heads, attention, mlp):
    bias = attention - heads.sum(dim=1)
    layers = torch.cat([heads, bias[:, None], mlp[:, None]], dim=1)
    return torch.cat([layers.flatten(0, 1), embed[None]])


def stream_parts__what_stood_before(embed, heads, attention, mlp):
    bias = attention - heads.sum(dim=1)
    layers = torch.cat([heads, bias[:, None], mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)]).cumsum(dim=0)


def stream_parts__mean_head_for_the_bias(embed, heads, attention, mlp):
    bias = attention - heads.mean(dim=1)
    layers = torch.cat([heads, bias[:, None], mlp[:, None]], dim=1)
    return torch.cat([embed[None], layers.flatten(0, 1)])


def stream_parts__layers_from_the_last(embed, heads, attention, mlp):
    bias = attention - heads.sum(dim=1)
    layers = torch.cat([heads, bias[:, None], mlp[:, None]], dim=1).flip(0)
    return torch.cat([embed[None], layers.flatten(0, 1)])


def logit_lens__forgets_eps(resid, gain, W_U, eps):
    return (resid / resid.square().mean(dim=-1, keepdim=True).sqrt() * gain) @ W_U


def logit_lens__divides_by_the_mean_square(resid, gain, W_U, eps):
    return (resid / (resid.square().mean(dim=-1, keepdim=True) + eps) * gain) @ W_U


def logit_lens__log_probabilities(resid, gain, W_U, eps):
    rms = (resid.square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return ((resid / rms * gain) @ W_U).log_softmax(dim=-1)


def logit_lens__adds_up_the_layers(resid, gain, W_U, eps):
    stream = resid.cumsum(dim=0)
    return (stream / (stream.square().mean(dim=-1, keepdim=True) + eps).sqrt() * gain) @ W_U


def logit_lens__divides_by_the_gain(resid, gain, W_U, eps):
    rms = (resid.square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return (resid / rms / gain) @ W_U


def logit_lens__gain_twice(resid, gain, W_U, eps):
    rms = (resid.square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return (resid / rms * gain * gain) @ W_U


def _attribution(parts, gain, W_U, correct, wrong, eps):
    rms = (parts.sum(dim=0).square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return (parts * ((W_U[:, correct] - W_U[:, wrong]).T * gain / rms)).sum(dim=-1)


def direct_logit_attribution__shares_of_the_whole(parts, gain, W_U, correct, wrong, eps):
    found = _attribution(parts, gain, W_U, correct, wrong, eps)
    return found / found.sum(dim=0)


def direct_logit_attribution__forgets_eps(parts, gain, W_U, correct, wrong, eps):
    return _attribution(parts, gain, W_U, correct, wrong, 0.0)


def direct_logit_attribution__scale_of_the_mean_part(parts, gain, W_U, correct, wrong, eps):
    rms = (parts.mean(dim=0).square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return (parts * ((W_U[:, correct] - W_U[:, wrong]).T * gain / rms)).sum(dim=-1)


def direct_logit_attribution__centres_the_parts(parts, gain, W_U, correct, wrong, eps):
    return _attribution(parts - parts.mean(dim=-1, keepdim=True), gain, W_U, correct, wrong, eps)


def direct_logit_attribution__first_texts_tokens(parts, gain, W_U, correct, wrong, eps):
    return _attribution(parts, gain, W_U, correct[:1], wrong[:1], eps)


def direct_logit_attribution__running_total(parts, gain, W_U, correct, wrong, eps):
    return _attribution(parts, gain, W_U, correct, wrong, eps).cumsum(dim=0)


def kv_head__last_group_for_the_rest(head, n_heads, n_kv_heads):
    if not 0 <= head < n_heads:
        raise ValueError("no such head")
    return min(head, n_kv_heads - 1)


def kv_head__itself(head, n_heads, n_kv_heads):
    if not 0 <= head < n_heads:
        raise ValueError("no such head")
    return head


def kv_head__rounds_to_the_nearest(head, n_heads, n_kv_heads):
    if not 0 <= head < n_heads:
        raise ValueError("no such head")
    return round(head / (n_heads // n_kv_heads))


def kv_head__counts_from_one(head, n_heads, n_kv_heads):
    if not 0 <= head < n_heads:
        raise ValueError("no such head")
    return head // (n_heads // n_kv_heads) + 1


def kv_head__always_groups_of_three(head, n_heads, n_kv_heads):
    if not 0 <= head < n_heads:
        raise ValueError("no such head")
    return head // 3


def kv_head__allows_one_head_too_many(head, n_heads, n_kv_heads):
    if not 0 <= head <= n_heads:
        raise ValueError("no such head")
    return head // (n_heads // n_kv_heads)


def _pair(w_q, w_k, w_v, w_o, head, keys, values):
    return w_q[head] @ w_k[keys].T, w_v[values] @ w_o[head]


def qk_ov__key_value_head_0(w_q, w_k, w_v, w_o, head):
    return _pair(w_q, w_k, w_v, w_o, head, 0, 0)


def qk_ov__key_value_head_of_the_same_number(w_q, w_k, w_v, w_o, head):
    return _pair(w_q, w_k, w_v, w_o, head, min(head, len(w_k) - 1), min(head, len(w_k) - 1))


def qk_ov__mean_over_key_value_heads(w_q, w_k, w_v, w_o, head):
    return w_q[head] @ w_k.mean(dim=0).T, w_v.mean(dim=0) @ w_o[head]


def qk_ov__keys_in_both(w_q, w_k, w_v, w_o, head):
    shared = head // (len(w_q) // len(w_k))
    return w_q[head] @ w_k[shared].T, w_k[shared] @ w_o[head]


def qk_ov__symmetric_part(w_q, w_k, w_v, w_o, head):
    shared = head // (len(w_q) // len(w_k))
    qk, ov = _pair(w_q, w_k, w_v, w_o, head, shared, shared)
    return (qk + qk.T) / 2, ov


def qk_ov__counts_heads_from_one(w_q, w_k, w_v, w_o, head):
    shared = max(head - 1, 0) // (len(w_q) // len(w_k))
    return _pair(w_q, w_k, w_v, w_o, head, shared, shared)


def _types(pattern, query, n):
    keys = {"previous token": query - 1, "duplicate token": query - n, "induction": query - n + 1}
    return {name: pattern[:, :, query, key].mean(dim=(0, 2)) for name, key in keys.items()}


def head_type_scores__first_copy(pattern, n):
    query = torch.arange(1, n + 1)
    keys = {"previous token": query - 1, "duplicate token": query, "induction": query + 1}
    return {name: pattern[:, :, query, key].mean(dim=(0, 2)) for name, key in keys.items()}


def head_type_scores__largest_attention(pattern, n):
    query = torch.arange(n + 1, 2 * n + 1)
    keys = {"previous token": query - 1, "duplicate token": query - n, "induction": query - n + 1}
    return {name: pattern[:, :, query, key].amax(dim=(0, 2)) for name, key in keys.items()}


def head_type_scores__share_of_highest_keys(pattern, n):
    query = torch.arange(n + 1, 2 * n + 1)
    keys = {"previous token": query - 1, "duplicate token": query - n, "induction": query - n + 1}
    best = pattern.argmax(dim=-1)[:, :, query]
    return {name: (best == key).float().mean(dim=(0, 2)) for name, key in keys.items()}


def head_type_scores__last_query_alone(pattern, n):
    return _types(pattern, torch.tensor([2 * n]), n)


def head_type_scores__names_exchanged(pattern, n):
    scores = _types(pattern, torch.arange(n + 1, 2 * n + 1), n)
    return {**scores, "duplicate token": scores["induction"], "induction": scores["duplicate token"]}


def head_type_scores__first_text_alone(pattern, n):
    return _types(pattern[:1], torch.arange(n + 1, 2 * n + 1), n)

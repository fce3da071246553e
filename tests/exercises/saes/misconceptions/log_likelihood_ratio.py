"""Wrong answers to saes.log_likelihood_ratio that learners give, with the sentence to say for each."""

import torch

from mi_tutor.tutor.misconceptions import misconception, probe


@probe("saes.log_likelihood_ratio")
def observe_log_likelihood_ratio(log_likelihood_ratio):
    """Tokens inside, outside, in both and nowhere; then a context that is the whole text."""
    tokens = torch.tensor([0, 0, 1, 2, 1, 1, 3, 0, 0])
    context = torch.tensor([True, False, True, False, True, False, False, True, False])
    for alpha in (0.5, 2.0):
        ratio = log_likelihood_ratio(tokens, context, 6, alpha)
        yield torch.nan_to_num(ratio, nan=-77.0, posinf=88.0, neginf=-88.0)


def _counts(tokens, d_vocab):
    return tokens.bincount(minlength=d_vocab).float()


def _log_ratio(inside, overall):
    return (inside / inside.sum()).log() - (overall / overall.sum()).log()


@misconception(
    "saes.log_likelihood_ratio",
    says=(
        "You compare the context with the text outside it. The proxy compares it with all text, the context among it."
    ),
)
def compares_with_the_outside(tokens, context, d_vocab, alpha):
    return _log_ratio(_counts(tokens[context], d_vocab) + alpha, _counts(tokens[~context], d_vocab) + alpha)


@misconception(
    "saes.log_likelihood_ratio",
    says=(
        "You do not smooth. A token that is missing in the context gets minus infinity, one that is missing everywhere "
        "nan."
    ),
)
def does_not_smooth(tokens, context, d_vocab, alpha):
    return _log_ratio(_counts(tokens[context], d_vocab), _counts(tokens, d_vocab))


@misconception(
    "saes.log_likelihood_ratio",
    says=(
        "You add alpha to the counts and divide by the number of tokens. The shares then sum to more than 1; the sum "
        "has to grow by alpha for each token of the vocabulary."
    ),
)
def divides_by_the_old_sum(tokens, context, d_vocab, alpha):
    inside = (_counts(tokens[context], d_vocab) + alpha) / int(context.sum())
    return inside.log() - ((_counts(tokens, d_vocab) + alpha) / len(tokens)).log()


@misconception(
    "saes.log_likelihood_ratio",
    says="You add alpha once to the sum. It is added to the count of every token, so the sum grows by alpha for each.",
)
def adds_alpha_once_to_the_sum(tokens, context, d_vocab, alpha):
    inside = (_counts(tokens[context], d_vocab) + alpha) / (int(context.sum()) + alpha)
    return inside.log() - ((_counts(tokens, d_vocab) + alpha) / (len(tokens) + alpha)).log()


@misconception(
    "saes.log_likelihood_ratio",
    says="You smooth the counts in the context only. Both distributions get alpha, or rare tokens look special.",
)
def smooths_one_side(tokens, context, d_vocab, alpha):
    return _log_ratio(_counts(tokens[context], d_vocab) + alpha, _counts(tokens, d_vocab))


@misconception("saes.log_likelihood_ratio", says="You return the ratio itself. The proxy is its natural logarithm.")
def returns_the_ratio(tokens, context, d_vocab, alpha):
    return _log_ratio(_counts(tokens[context], d_vocab) + alpha, _counts(tokens, d_vocab) + alpha).exp()


@misconception("saes.log_likelihood_ratio", says="Your logarithm has base 2. The numbers are asked for in nats.")
def counts_in_bits(tokens, context, d_vocab, alpha):
    ratio = _log_ratio(_counts(tokens[context], d_vocab) + alpha, _counts(tokens, d_vocab) + alpha)
    return ratio / torch.log(torch.tensor(2.0))


@misconception(
    "saes.log_likelihood_ratio",
    says="You divide the other way round. A token that is typical of the context should have a number above 0.",
)
def divides_the_other_way_round(tokens, context, d_vocab, alpha):
    return -_log_ratio(_counts(tokens[context], d_vocab) + alpha, _counts(tokens, d_vocab) + alpha)

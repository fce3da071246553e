"""Wrong answers to patching.window_layers that learners give, with the sentence to say for each."""

from mi_tutor.tutor.misconceptions import misconception, outcome, probe


@probe("patching.window_layers")
def observe_window_layers(window_layers):
    """Odd and even windows in the middle and at the ends, and what must be refused."""
    for layer, window in ((6, 1), (6, 3), (6, 4), (0, 3), (0, 6), (11, 5), (11, 4), (5, 30), (12, 1), (-1, 3), (3, 0)):
        yield outcome(lambda layer=layer, window=window: list(window_layers(layer, window, 12)))


def checked(layer, window, n_layers):
    if not 0 <= layer < n_layers or window < 1:
        raise ValueError("outside of the model")


@misconception(
    "patching.window_layers",
    says="Your window starts at the layer. It is to be centred on it, with layers below and above.",
)
def starts_at_the_layer(layer, window, n_layers):
    checked(layer, window, n_layers)
    return list(range(layer, min(layer + window, n_layers)))


@misconception(
    "patching.window_layers",
    says="You take window layers on each side. window is the number of layers in all.",
)
def window_on_each_side(layer, window, n_layers):
    checked(layer, window, n_layers)
    return list(range(max(layer - window, 0), min(layer + window + 1, n_layers)))


@misconception(
    "patching.window_layers",
    says="Near the ends you move the window to keep its size. Then it is no longer centred on its layer.",
)
def moves_the_window(layer, window, n_layers):
    checked(layer, window, n_layers)
    first = min(max(layer - window // 2, 0), max(n_layers - window, 0))
    return list(range(first, min(first + window, n_layers)))


@misconception(
    "patching.window_layers",
    says="Your window reaches outside of the model. There is no layer below 0, and none above the last.",
)
def does_not_clip(layer, window, n_layers):
    checked(layer, window, n_layers)
    return list(range(layer - window // 2, layer - window // 2 + window))


@misconception(
    "patching.window_layers",
    says=(
        "You move each layer that lies outside to the end of the model, so that one layer stands there twice. Drop it."
    ),
)
def moves_layers_to_the_end(layer, window, n_layers):
    checked(layer, window, n_layers)
    first = layer - window // 2
    return [min(max(one, 0), n_layers - 1) for one in range(first, first + window)]


@misconception(
    "patching.window_layers",
    says="Your window goes round: what lies below layer 0 comes back as the last layers. Drop it.",
)
def goes_round(layer, window, n_layers):
    checked(layer, window, n_layers)
    first = layer - window // 2
    return [one % n_layers for one in range(first, first + window)]


@misconception(
    "patching.window_layers",
    says="With an even window you put the odd layer above the centre. It belongs below.",
)
def one_more_above(layer, window, n_layers):
    checked(layer, window, n_layers)
    first = layer - (window - 1) // 2
    return list(range(max(first, 0), min(first + window, n_layers)))


@misconception(
    "patching.window_layers",
    says="You accept a layer of the number n_layers. Layers are counted from 0, so the last one is n_layers - 1.",
)
def one_layer_too_many(layer, window, n_layers):
    if not 0 <= layer <= n_layers or window < 1:
        raise ValueError("outside of the model")
    first = layer - window // 2
    return list(range(max(first, 0), min(first + window, n_layers)))


@misconception(
    "patching.window_layers",
    says="You clip the start first and count from there, so that a window at layer 0 reaches too high.",
)
def clips_before_counting(layer, window, n_layers):
    checked(layer, window, n_layers)
    first = max(layer - window // 2, 0)
    return list(range(first, min(first + window, n_layers)))


@misconception(
    "patching.window_layers",
    says="An even window gets one layer too many: the same number on both sides of the centre makes an odd number.",
)
def even_is_one_more(layer, window, n_layers):
    checked(layer, window, n_layers)
    half = window // 2
    return list(range(max(layer - half, 0), min(layer + half + 1, n_layers)))


@misconception(
    "patching.window_layers",
    says="You give layers for a centre outside of the model, or for a window of none. Refuse these.",
)
def does_not_refuse(layer, window, n_layers):
    first = layer - window // 2
    return list(range(max(first, 0), min(first + window, n_layers)))


@misconception(
    "patching.window_layers",
    says=(
        "You move the window where it would reach outside. Then it is no longer centred on its layer, and a window "
        "larger than the model does not fit in anyway. Leave out what lies outside."
    ),
)
def moves_the_window_at_both_ends(layer, window, n_layers):
    checked(layer, window, n_layers)
    first = min(max(layer - window // 2, 0), n_layers - window)
    return list(range(first, first + window))


@misconception(
    "patching.window_layers",
    says=("Your window reaches above the last layer, which is n_layers - 1. Drop what lies there."),
)
def no_upper_limit(layer, window, n_layers):
    checked(layer, window, n_layers)
    first = layer - window // 2
    return list(range(max(first, 0), first + window))


@misconception(
    "patching.window_layers",
    says=("Your window reaches below layer 0. Drop what lies there."),
)
def no_lower_limit(layer, window, n_layers):
    checked(layer, window, n_layers)
    first = layer - window // 2
    return list(range(first, min(first + window, n_layers)))


@misconception(
    "patching.window_layers",
    says=("Your windows never hold the last layer. range stops before its end, and the last layer is n_layers - 1."),
)
def the_last_layer_is_left_out(layer, window, n_layers):
    checked(layer, window, n_layers)
    first = layer - window // 2
    return list(range(max(first, 0), min(first + window, n_layers - 1)))

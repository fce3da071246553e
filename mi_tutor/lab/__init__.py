"""The instruments: what a learner is given, so that the exercises are about the ideas.

To look
    models          load a language model; text to tokens and back; what a direction writes
    activations     read chosen activations, replace one, logits at chosen positions, harvest a corpus
    reducing        read activations that are too large to keep: shrink each as it passes
    heads           attention patterns of chosen layers; previous-token, duplicate, induction and copying scores
    decomposition   the residual stream as a sum, direct logit attribution, the logit lens
    probes          cities, statements and code with labels; kept readings; fits and intervals by group
    saes            sparse autoencoders of five kinds: training, shipped weights, measures, pages of features
    judging         the rest of the model as a function of one vector; questions about cities
    head_weights    QK and OV circuits as low-rank factors, grouped key-value heads, composition scores
To change
    sweeps          exact activation patching over whole grids of places
    paths           exact path patching: every sender into one set of receivers
    last_position   any intervention at END, at the price of one position
To ask
    tasks           prompts with partners and named positions: IOI, greater-than, cities, induction
    metrics         logit difference, probability, KL and others, one value a prompt
    corpus          labelled text: English, Python, six other languages, generated strings
Models of our own
    organisms       an induction transformer with its training history, and one wired by hand
    digit_network   a small convolutional network, trained in seconds
    tiny, toy_*     models that can be computed by hand; toy models of superposition
    named_nodes     a network of four heads whose paths can be worked out by hand
To show
    figures         the one plotting style; figures with alt text; tables of claims; highlighted tokens
    attention_view  attention patterns to explore, with a still image for readers without a kernel
    explorers       one for each chapter's idea

Importing any of these costs no more than importing torch; the rest is loaded when it is first used.
"""

"""The instruments: what a learner is given, so that the exercises are about the ideas.

    models          load a language model; text to tokens and back; what a direction writes
    activations     read chosen activations, replace one, logits at chosen positions, harvest a corpus
    figures         the one plotting style; figures with alt text; tables of claims; highlighted tokens
    attention_view  attention patterns to explore, with a still image for readers without a kernel
    corpus          labelled text: English, Python, six other languages, generated strings

Importing any of these costs no more than importing torch; the rest is loaded when it is first used.
"""

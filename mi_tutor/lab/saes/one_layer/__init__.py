"""A one-layer transformer with 512 MLP neurons on mixed text, in the set-up of Bricken et al. (2023).

`model.load()` gives it as a TransformerBridge; `train` made it; `mixture` is what it read.
"""

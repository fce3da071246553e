# %% [markdown]
# # A small chapter

# %%
# %load_ext mi_tutor

# %%
import torch

from mi_tutor.exercises import start_here

# %% exercise="start_here.spread"

# %%
print(start_here.spread(torch.tensor([1.0, 3.0]), 0.5))

# %% exercise="start_here.centre"

# %%
print(start_here.centre(torch.tensor([[1.0], [3.0]])).tolist())

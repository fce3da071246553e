# %% [markdown]
# # 08 · Activation patching

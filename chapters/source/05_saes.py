# %% [markdown]
# # 05 · Sparse autoencoders
#
# **Can we find the features without labels?**

# %%
# %load_ext mi_tutor

# %% [markdown]
# From an activation to latents.

# %% exercise="saes.encode"

# %% [markdown]
# Decode, and pay for what is active.

# %% exercise="saes.standard_loss"

# %% [markdown]
# Mend: a constraint that the gradient pulls against.

# %% exercise="saes.unit_norm_step"

# %% [markdown]
# Are the true features in the dictionary?.

# %% exercise="saes.mean_max_cosine"

# %% [markdown]
# Mend: latents declared dead too soon.

# %% exercise="saes.dead_latents"

# %% [markdown]
# A new start for dead latents.

# %% exercise="saes.resampled"

# %% [markdown]
# Sparsity by decree: TopK.

# %% exercise="saes.topk_latents"

# %% [markdown]
# Which comes first, ReLU or TopK?.

# %% exercise="saes.relu_and_topk"

# %% [markdown]
# Something to learn for the dead.

# %% exercise="saes.auxiliary_loss"

# %% [markdown]
# One budget for the whole batch.

# %% exercise="saes.batch_topk"

# %% [markdown]
# A feature that does not hang on its neighbours.

# %% exercise="saes.batch_topk_threshold"

# %% [markdown]
# A threshold that can learn.

# %% exercise="saes.jumprelu"

# %% [markdown]
# Pay for being active, not for being large.

# %% exercise="saes.jumprelu_l0"

# %% [markdown]
# Whether, and how strongly: the gated encoder.

# %% exercise="saes.gated_encode"

# %% [markdown]
# How a gate learns.

# %% exercise="saes.gated_losses"

# %% [markdown]
# Are the reconstructions too short?.

# %% exercise="saes.shrinkage"

# %% [markdown]
# Sparse by row, sparse by latent.

# %% exercise="saes.l0_and_density"

# %% [markdown]
# Mend: a reconstruction that looks too good.

# %% exercise="saes.explained_variance"

# %% [markdown]
# Reconstructions in the place of activations.

# %% exercise="saes.splicing_hook"

# %% [markdown]
# What the model loses by the SAE.

# %% exercise="saes.loss_recovered"

# %% [markdown]
# A number for a hypothesis.

# %% exercise="saes.log_likelihood_ratio"

# %% [markdown]
# Only this context, and all of it?.

# %% exercise="saes.specificity_and_sensitivity"

# %% [markdown]
# Mend: a rule that was graded by its own author.

# %% exercise="saes.detection_score"

# %% [markdown]
# How much of a latent is in the token?.

# %% exercise="saes.simulated_latent"

# %% [markdown]
# Steer with a feature.

# %% exercise="saes.clamp_latent"

# %% [markdown]
# The hole in a general feature.

# %% exercise="saes.absorption_rate"

# %% [markdown]
# Dense, dead and rare.

# %% exercise="saes.three_strange_latents"

# %% [markdown]
# How many features are there?.

# %% exercise="saes.one_latent_or_three"

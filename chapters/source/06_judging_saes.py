# %% [markdown]
# # 06 · Judging SAEs
#
# **How good are the features we found?**

# %%
# %load_ext mi_tutor

# %% [markdown]
# Next: Take some latents from another prompt

# %% exercise="judging_saes.latent_interchange"

# %% [markdown]
# Next: Take a subspace from another prompt

# %% exercise="judging_saes.subspace_interchange"

# %% [markdown]
# Next: A basis that stays a basis

# %% exercise="judging_saes.orthonormal"

# %% [markdown]
# Next: Learn the subspace

# %% exercise="judging_saes.das_step"

# %% [markdown]
# Next: Mend: points for doing nothing

# %% exercise="judging_saes.disentangle_scores"

# %% [markdown]
# Next: A dictionary made with labels

# %% exercise="judging_saes.attribute_dictionary"

# %% [markdown]
# Next: An activation told by its attributes

# %% exercise="judging_saes.from_attributes"

# %% [markdown]
# Next: Change an attribute with few latents

# %% exercise="judging_saes.sparse_edit"

# %% [markdown]
# Next: Can a latent be read as an attribute?

# %% exercise="judging_saes.attribute_f1"

# %% [markdown]
# Next: Find each latent's partner

# %% exercise="judging_saes.activation_matches"

# %% [markdown]
# Next: Mend: the luckiest of a thousand

# %% exercise="judging_saes.held_out_matches"

# %% [markdown]
# Next: What luck alone would find

# %% exercise="judging_saes.chance_level"

# %% [markdown]
# Next: To be chosen in turn

# %% exercise="judging_saes.mutual_matches"

# %% [markdown]
# Next: What reconstructions and latents alone can say

# %% exercise="judging_saes.scorecard"

# %% [markdown]
# Next: Which method separates two properties?

# %% exercise="judging_saes.which_method_separates"

# %% [markdown]
# Next: What does a match show?

# %% exercise="judging_saes.what_a_match_shows"

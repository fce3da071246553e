"""Stored outputs do not hang on the CPU's vector extensions: nbval is run as on a CPU without them, and with AVX2 only.

torch chooses its own kernels by ATEN_CPU_CAPABILITY, and oneDNN and MKL choose theirs for matrix products.
"""

import os
import subprocess
import sys

import pytest

from mi_tutor.tutor import catalogue, workspace

pytestmark = pytest.mark.complete
KINDS = {
    "default": {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"},
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
}
LIKE_BUILD = {"MI_TUTOR_ANSWERS": "reference", "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chapter", catalogue.written_chapters(), ids=lambda c: c.name)
def test_the_outputs_are_the_same(chapter, kind):
    book = workspace.notebook_file(chapter.number, chapter.name)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no", "--tb=short", "--nbval"]
    command += ["--nbval-current-env", "--nbval-cell-timeout", "600", "--nbval-sanitize-with", "tests/course/nbval.ini"]
    done = subprocess.run(
        [*command, str(book)], cwd=workspace.PACKAGE.parent, env={**os.environ, **LIKE_BUILD, **KINDS[kind]},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]

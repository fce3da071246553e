"""Puts what stands outside of the package into the wheel, as mi_tutor/course/, so that `mi-tutor new` can hand it out.

Everything else about the project is in pyproject.toml.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
FOLDERS = (".ci", "binder", "chapters", "solutions", "tests")
FILES = (".gitignore", "CITATION.cff", "LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.py")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".ipynb_checkpoints", "*.mine*.ipynb", "drafts")


class WithCourse(build_py):
    """`build_py`, and then the course's files beside the package's."""

    def run(self):
        super().run()
        if self.editable_mode:
            return
        course = Path(self.build_lib) / "mi_tutor" / "course"
        shutil.rmtree(course, ignore_errors=True)
        course.mkdir(parents=True)
        for folder in FOLDERS:
            shutil.copytree(HERE / folder, course / folder, ignore=LEFT_OUT)
        for file in FILES:
            shutil.copy2(HERE / file, course / file)


setup(cmdclass={"build_py": WithCourse})

"""The course as a web site: `author site` makes it from the committed notebooks and the catalogue, and runs nothing.

Written by hand are `chapters/site/` (pages, style, what the survey and the papers are) and `chapters/glossary.toml`.
Everything else is made here at build time, so that nothing is written twice.
"""

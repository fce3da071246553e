"""Your workbench: one module a chapter. Complete the functions here or in the chapter's notebook; both are the same code."""

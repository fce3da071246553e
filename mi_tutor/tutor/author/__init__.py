"""What course writers run: `author build` makes stubs and notebooks, `author check` holds the promises."""

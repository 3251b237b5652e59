"""Changes that no test can see, each with the argument; and definitions that are not changed, each with the reason."""

#: Identity of a mutant, as the page shows it, to what it is and why it does the same.
EQUIVALENT: dict[str, str] = {}

#: Definitions at the top of a module, as `path:NAME`, that decide how fast and not what.
EXEMPT: dict[str, str] = {}

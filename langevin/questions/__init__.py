"""Questions that a landscape raises, one file each; every file holds a record of its own name."""

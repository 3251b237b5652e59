"""Laws of motion, one file each; every file holds a record of its own name."""

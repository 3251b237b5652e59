"""One question a file: simulate, compare with theory, save the answer to results/NAME."""

"""Questions that can be put to a landscape, one file each; `experiment.choice` says which one is asked."""

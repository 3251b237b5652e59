"""Questions about a walk on a landscape, one file for each; `experiment.choice` chooses the question of a run."""

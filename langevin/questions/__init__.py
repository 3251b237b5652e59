"""Questions about a walk on a landscape, one file for each; `experiment.answering` chooses the question of a run."""

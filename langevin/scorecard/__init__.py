"""Score theories of the delay between memorising and generalising on trainings that none of them has seen."""

"""Many runs: plan files, folders of run files, executors that make them, and tables of their results."""

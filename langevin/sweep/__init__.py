"""Many runs: plans, folders of run files, executors that make them, and tables of what they say."""

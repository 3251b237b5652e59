"""Theories of the number of steps from memorising to generalising, one a file, by name (`langevin score`)."""

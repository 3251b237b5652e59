"""Theories of what the questions measure, one file each; a file is all that a new theory needs."""

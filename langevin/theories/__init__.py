"""Theories of what the questions measure, one file for each; a new theory needs only a new file."""

"""What can be seen of a network at recorded steps, one record a file; a file is all that a new observable needs."""

"""The way to a glove: which port, open or lost, and when to try again."""

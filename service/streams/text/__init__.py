"""Letters become text: words, spaces, what was meant."""

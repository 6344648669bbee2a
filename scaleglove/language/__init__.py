"""Words and letters of a language with their frequencies: what a hand is likely to sign. Pure."""

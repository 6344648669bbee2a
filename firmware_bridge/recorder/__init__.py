"""What a glove said, kept: labelled episodes, and continuous recordings."""

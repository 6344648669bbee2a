"""A glove without a glove: hands that spell or replay, on a board that answers as a real one does."""

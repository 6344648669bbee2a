"""Studies of the networks: runtimes, cost of a window, INT8 weights, faithfulness of the importance; letter bigrams."""

"""Serial link to a glove: discovery, reading and reconnecting."""

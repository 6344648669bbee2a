"""The networks, the recordings they learn from and the artefacts they become."""

"""Reading and running of model artefacts, without torch."""

"""Wearers: labelled examples, profiles made of them, and the database of both (docs/guide/wearers.md)."""

"""Wearers: their labelled examples, what is made of them, and the database that keeps both (docs/guide/wearers.md)."""

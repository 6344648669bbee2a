"""Typing of the text into whatever program has the focus."""

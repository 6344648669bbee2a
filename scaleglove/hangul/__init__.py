"""Hangul: text to fingerspelled letters, and letters to syllables."""

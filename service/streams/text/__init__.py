"""From windows to letters, words and text."""

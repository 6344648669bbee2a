"""Reading of text that sketches other than this project's firmware write: docs/reference/link.md specifies it."""

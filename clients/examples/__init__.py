"""Programs that use the Python client; `python -m clients.examples.NAME [URL]` runs one."""

"""A viewer of the OpenAPI document in a browser: Swagger UI, loaded from the web in one version that is known.

The service holds what the scripts of the page may do: only the files whose digests are below run. A browser that cannot
load them, without the internet, shows a sentence and a link to the document itself.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

VIEWER_PATH: Final = "/docs"

_FOLDER: Final = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.35.0"
_SCRIPT: Final = f"{_FOLDER}/swagger-ui-bundle.js"
_STYLE: Final = f"{_FOLDER}/swagger-ui.css"
# Of these files: openssl dgst -sha384 -binary FILE | base64
_SCRIPT_DIGEST: Final = "sha384-gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9"
_STYLE_DIGEST: Final = "sha384-WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I"

# The address is relative, so that it holds behind any prefix.
_BEGIN: Final = (
    'window.SwaggerUIBundle?.({ url: "openapi.json", dom_id: "#viewer", deepLinking: true, layout: "BaseLayout" });'
)

_PAGE: Final = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>scaleglove: HTTP interface</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{_STYLE}" integrity="{_STYLE_DIGEST}" crossorigin="anonymous">
<div id="viewer">
<p>This viewer, Swagger UI, comes from cdn.jsdelivr.net, so it needs the internet. What it shows is
<a href="openapi.json">openapi.json</a>; the streams are in <a href="asyncapi.json">asyncapi.json</a>.
</div>
<script src="{_SCRIPT}" integrity="{_SCRIPT_DIGEST}" crossorigin="anonymous"></script>
<script>{_BEGIN}</script>
</html>
"""

_OWN_SCRIPT: Final = base64.b64encode(hashlib.sha256(_BEGIN.encode()).digest()).decode()

_HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; script-src 'sha256-{_OWN_SCRIPT}' {_SCRIPT}; "
    f"style-src 'unsafe-inline' {_STYLE}; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
}


def openapi_viewer_router() -> APIRouter:
    """Return the route of the viewer, which is part of no document itself."""
    router = APIRouter()

    @router.get(VIEWER_PATH, include_in_schema=False)
    async def show_viewer() -> HTMLResponse:
        """Show the HTTP interface in a browser."""
        return HTMLResponse(_PAGE, headers=_HEADERS)

    return router

"""What a browser shows in place of the page where it was opened under a name that is not the service's."""

from __future__ import annotations

from html import escape
from typing import Final

from starlette.responses import HTMLResponse

from service.auth.authority import Authority
from service.problems import ProblemError

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

_MAX_ECHO: Final = 100
"""Characters of a header that the page repeats; a client may send one of any length."""

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>scaleglove: refused ({code})</title>
<style>
:root {{ color-scheme: light dark; font: 1.05rem/1.6 system-ui, sans-serif; }}
body {{ max-width: 42rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }}
</style>
<h1>Not opened under this name</h1>
<p>This service requires no token, so it answers only under names that it knows to be its own; <strong>{name}</strong>
is not one of them. Otherwise any web page could read the glove through your browser.
<ul>
<li>On the computer that runs the service, open <a href="http://localhost{port}/">http://localhost{port}/</a>; on
another one, its IP address.
<li>If the name is yours, start the service with <code>SCALEGLOVE_ALLOWED_ORIGINS={setting}</code>.
<li>Or require tokens with <code>SCALEGLOVE_TOKENS</code>; then any name will do. With
<code>SCALEGLOVE_TOKENS=none</code> names such as raspberrypi.local will do.
</ul>
<section lang="ko">
<h2>이 이름으로는 열 수 없어요</h2>
<p>이 서비스는 토큰 없이 쓰기 때문에 자기 이름으로 아는 주소에서만 응답해요. <strong>{name}</strong>은(는) 그런 이름이
아니에요. 그렇지 않으면 아무 웹페이지나 이 브라우저를 통해 장갑을 읽을 수 있어요.
<ul>
<li>서비스를 실행하는 컴퓨터에서는 <a href="http://localhost{port}/">http://localhost{port}/</a>를, 다른 컴퓨터에서는 IP
주소를 열어 주세요.
<li>내 이름이 맞다면 <code>SCALEGLOVE_ALLOWED_ORIGINS={setting}</code>을(를) 넣고 서비스를 시작해 주세요.
<li>아니면 <code>SCALEGLOVE_TOKENS</code>로 토큰을 쓰게 해 주세요. 그러면 어떤 이름이든 돼요.
<code>SCALEGLOVE_TOKENS=none</code>이면 raspberrypi.local 같은 이름도 돼요.
</ul>
</section>
<p><small>403 <code>{code}</code>: {detail}</small>
</html>
"""


def foreign_host_page(problem: ProblemError, host: str) -> HTMLResponse:
    """Return the page for a refusal; `host` is the Host header, as the client wrote it."""
    authority = Authority.parse(host)
    name = host if authority is None else authority.host
    port = "" if authority is None or authority.port is None else f":{authority.port}"
    text = _PAGE.format(
        code=escape(problem.code),
        detail=escape(problem.detail),
        name=escape(name[:_MAX_ECHO] or "(no name)"),
        port=port,
        setting=escape(f"http://{name[:_MAX_ECHO]}{port}"),
    )
    return HTMLResponse(text, problem.status, _HEADERS)

"""The headers that every answer of the portal carries, and the content policy that Streamlit's page survives.

Nothing is ever fetched from another host: scripts, fonts, data and the websocket come from the portal itself.
"""

import base64
import hashlib
import re

from dashboards.front_page import front_page

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def inline_script_hashes(index_html: str) -> list[str]:
    """CSP sources (`'sha256-…'`) for the inline scripts of Streamlit's own page, so that no other inline
    script runs."""
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in _INLINE_SCRIPT.findall(index_html)
    ]


def content_policy(script_hashes: list[str]) -> str:
    """The Content-Security-Policy. Styles may be inline (Streamlit's are written at run time); scripts may
    not."""
    directives = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *script_hashes],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def security_headers(*, https: bool) -> list[tuple[bytes, bytes]]:
    """Header pairs for every answer; with `https`, browsers are also told to stay on https for a year."""
    headers = {
        "content-security-policy": content_policy(inline_script_hashes(front_page())),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "cross-origin-opener-policy": "same-origin",
    }
    if https:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return [(name.encode(), value.encode()) for name, value in headers.items()]

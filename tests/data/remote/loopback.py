"""A file server on this machine that can misbehave in the ways that public servers do."""

import hashlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from data.remote.sources import Source


@dataclass
class Loopback:
    """Files by path, and how to serve them.

    Attributes
    ----------
    files : body of each path.
    ranges : whether range requests are honoured.
    cuts : for each path, after how many bytes of the body the coming answers hang up.
    failures : for each path, statuses of the coming answers.
    requests : path and range header of every request so far.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    cuts: dict[str, list[int]] = field(default_factory=dict)
    failures: dict[str, list[int]] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    port: int = 0

    def put(self, path: str, body: bytes, *, pin: str | None = None) -> Source:
        """Serve `body` at `path`."""
        self.files[path] = body
        return Source(f"http://127.0.0.1:{self.port}/{path}", pin)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    loopback: Loopback

    def do_GET(self) -> None:
        state, path = self.loopback, self.path.lstrip("/")
        wanted = self.headers.get("Range")
        state.requests.append((path, wanted))
        if state.failures.get(path):
            self.send_error(state.failures[path].pop(0))
            return
        if path not in state.files:
            self.send_error(404)
            return
        body = state.files[path]
        mark = f'"{hashlib.sha256(body).hexdigest()}"'
        same = self.headers.get("If-Range") in (None, mark)
        start = 0
        if wanted and state.ranges and same:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        rest = body[start:]
        self.send_header("Content-Length", str(len(rest)))
        self.send_header("ETag", mark)
        self.end_headers()
        if state.cuts.get(path):
            self.wfile.write(rest[: state.cuts[path].pop(0)])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(rest)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its failures."""


def serve(loopback: Loopback) -> ThreadingHTTPServer:
    """Start serving in a thread; the caller shuts the server down."""
    handler = type("Handler", (_Handler,), {"loopback": loopback})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    loopback.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server

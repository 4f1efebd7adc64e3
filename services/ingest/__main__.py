"""`python -m services.ingest`"""

from services.ingest.app import build_app
from shared.service import run

run(build_app)

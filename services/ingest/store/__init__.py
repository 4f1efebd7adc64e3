"""Every query and index of ingest's database; `Store.accept` is the one transaction."""

from services.ingest.store.blobs import Blobs
from services.ingest.store.files import FileRow, Files
from services.ingest.store.inputs import Store
from services.ingest.store.rejected import Rejected, RejectedRow
from services.ingest.store.visitors import Visitors

__all__ = ["Blobs", "FileRow", "Files", "Rejected", "RejectedRow", "Store", "Visitors"]

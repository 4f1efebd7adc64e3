"""The directory as every replica knows it: agents, teams, roles, brands and signing keys."""

from shared.directory.copy import DirectoryCopy
from shared.directory.part import Directory

__all__ = ["Directory", "DirectoryCopy"]

"""Bounded texts and values, as rules and what is like them are written."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]
"""What JSON, JavaScript and MongoDB all keep exactly."""
Scalar = bool | Whole | float | Annotated[str, StringConstraints(max_length=2000)]

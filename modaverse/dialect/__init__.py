"""How a plan is written as text and read back: the dialects, and the grammar of each."""

from __future__ import annotations

from modaverse.dialect.base import Dialect
from modaverse.dialect.lines import Lines
from modaverse.dialect.objects import Json

__all__ = ["Dialect", "Json", "Lines"]

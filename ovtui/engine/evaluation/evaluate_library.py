"""The `evaluate` library, without the transformers and torch that it imports where it can.

Its evaluators, which need them, are not used here; the import costs 2 s instead of 7.
"""

from __future__ import annotations

import sys
from typing import Any

_modules: dict[str, Any] = sys.modules
_blocked = not {"evaluate", "transformers"} & set(sys.modules)
if _blocked:
    _modules["transformers"] = None
try:
    import evaluate
finally:
    if _blocked:
        del _modules["transformers"]

__all__ = ["evaluate"]

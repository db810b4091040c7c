"""Does the work, in processes of its own."""

import sys
from typing import Any

# Importing openvino or nncf would fork a process that reports to their makers over the network;
# without this package both use their stubs.
_modules: dict[str, Any] = sys.modules
_modules.setdefault("openvino_telemetry", None)

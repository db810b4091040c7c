"""The `evaluate` library, without the transformers and torch that it imports where it can.

Its evaluators, which need them, are not used here; the import costs 2 s instead of 7. This is a
module of its own since a fork server is told modules by name, to import before it forks.
"""

from ovtui.engine.libraries.hidden import hidden

with hidden("transformers"):
    import evaluate

__all__ = ["evaluate"]

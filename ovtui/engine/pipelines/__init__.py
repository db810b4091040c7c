"""Models that write: their components put together, what these are called with, their answers."""

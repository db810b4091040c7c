"""What processes share on disk: the cache and its keys, progress, what a stage is told."""

"""The folders that are a user's own, the settings in them, and the mark of what was made there."""

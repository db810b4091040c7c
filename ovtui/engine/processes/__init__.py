"""Processes of the engine's own: started, watched, ended, and their memory."""

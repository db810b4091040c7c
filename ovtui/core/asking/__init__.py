"""Questions to an engine beside a run: a prediction, an ignored scope, a sample's input."""

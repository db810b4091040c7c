"""From an OpenVINO graph to a smaller one; what is changed in NNCF meanwhile, a file for each."""

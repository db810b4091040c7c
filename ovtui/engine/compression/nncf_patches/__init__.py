"""What is changed in NNCF while it compresses: a file for each change, `registry` has them all."""

"""A pipeline's components: submodules of a live model, observed, converted and swapped.

A pipeline is a PyTorch model with its processor and its own generation loop. A component is one of
its submodules, named by its dotted path (`vision_model`, `model.encoder`), or the model itself with
the path "" where the loop calls that. What is here knows arguments, caches and shapes, but no model
family: those live in their task files.
"""

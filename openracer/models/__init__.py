"""What a user owns: the description of a training, and the model folder with everything that came of it."""

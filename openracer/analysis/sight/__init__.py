"""What a model sees: its choices in camera frames, and which part of a frame they come from."""

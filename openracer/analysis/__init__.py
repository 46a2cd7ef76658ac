"""What recorded drives tell: about a training, a lap, or the car itself."""

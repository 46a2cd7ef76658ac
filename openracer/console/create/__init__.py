"""The wizard that makes a model: a draft that is kept, and a step for each part of it."""

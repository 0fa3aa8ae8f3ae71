"""The labelling room: tasks, Label Studio, what annotators submit."""

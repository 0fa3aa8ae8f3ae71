"""What must hold, and what is measured."""

"""What each verb of the command does: options in, stages called, results told."""

"""What the labels mean: the versioned guideline."""

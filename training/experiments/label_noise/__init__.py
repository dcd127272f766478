"""What labels are worth: one small net, many labelings of the same clips, and what each does to its figures."""

"""The training stages in order, with their parameters, provenance and model card."""

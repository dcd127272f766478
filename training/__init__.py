"""The workshop: label, agree, audit, retrain, evaluate, release."""

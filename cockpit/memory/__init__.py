"""What past trials taught, rendered for people and models."""

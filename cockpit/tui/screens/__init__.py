"""The main screen, the trial's own page, help, and the dialogs."""

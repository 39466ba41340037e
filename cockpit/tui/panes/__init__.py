"""The panes of the main screen; each draws lines from the View and knows no other pane."""

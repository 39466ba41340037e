"""`cockpit verify`: keeps run again against their predecessors, with an interval and one word."""

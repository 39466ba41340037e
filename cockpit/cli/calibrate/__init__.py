"""`cockpit calibrate`: is the number on this machine what it is said to be?"""

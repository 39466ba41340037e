"""The loop, its thread and its memory; knows no screen and no concrete adapter."""

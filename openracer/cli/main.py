"""The command ``openracer``: one sub-command for each noun, and how errors are told."""

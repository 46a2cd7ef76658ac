"""What the pages of races share: words, leaderboards to look at, and the files that come out of a race."""

"""What many runs share: the queue of jobs, its database, and the processes in which jobs run."""

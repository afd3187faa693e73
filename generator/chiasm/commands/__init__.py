"""What each verb of the command line does, one a file: `run(…)` takes the options and returns the exit code."""

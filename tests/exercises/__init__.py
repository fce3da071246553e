"""What judges the learner: a folder a chapter, in it a file of checks and one of misconceptions for each exercise."""

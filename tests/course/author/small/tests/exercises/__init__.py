"""What judges the learner of the small course."""

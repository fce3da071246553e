"""What the functions of chapter 07 promise."""

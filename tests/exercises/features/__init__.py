"""What the functions of chapter 01 promise."""

"""What the functions of chapter 08 promise."""

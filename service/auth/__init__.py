"""Who may come in, what each may do and how much, and what is kept out."""

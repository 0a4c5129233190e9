"""What a stack is: its resources, the records that change them, and the files that keep them."""

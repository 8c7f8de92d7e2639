//! Reads the arguments, picks a shell, sets the exit code.

fn main() {}

//! The loop: input, timer and jobs in, effects out. Owns the terminal, the tasks and the clipboard.

//! The desktop and the terminal around us: the clipboard.

pub mod clipboard;

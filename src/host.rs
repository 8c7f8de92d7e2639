//! The desktop and the terminal around us: the clipboard, the browser, and what others can learn from our process.

pub mod browser;
pub mod clipboard;
pub mod process;
pub mod tmux;

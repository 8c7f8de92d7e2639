//! The desktop and the terminal around us: the clipboard, the browser, notifications, and what others can learn from our
//! process.

pub mod browser;
pub mod clipboard;
pub mod notify;
pub mod panics;
pub mod process;
pub mod tmux;

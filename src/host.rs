//! The desktop and the terminal around us: the clipboard, the browser, notifications.

pub mod browser;
pub mod clipboard;
pub mod notify;

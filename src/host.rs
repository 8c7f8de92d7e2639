//! The desktop and the terminal around us: the clipboard, the browser.

pub mod browser;
pub mod clipboard;

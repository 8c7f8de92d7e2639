//! The one table of keys: dispatch, key bar, help page and the README are read from it.

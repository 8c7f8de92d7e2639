//! The profiles file: TOML at confy's path, 0600, replaced in one step.

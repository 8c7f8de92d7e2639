//! What is kept: profiles in a TOML file, token sets in memory. The only module that opens files.

pub mod profiles;
pub mod secrets;
pub mod vault;

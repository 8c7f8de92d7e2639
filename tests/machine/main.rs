//! Against what the machine has: a keyring, and a server that others wrote. The scripts next to this start them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod django_oauth_toolkit;
mod glewlwyd;
mod keyring;
mod oidc_provider;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod verdict;

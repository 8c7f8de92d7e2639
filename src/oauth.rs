//! OAuth 2 in the words of its RFCs: what every provider that speaks it shares.
//!
//! The crate `oauth2` was tried for this and is not used: its requests are bytes by the time that they reach an HTTP
//! client, so the exchange record could not tell which fields are secrets, and its reply types refuse what real servers
//! send (no `token_type`, `expires_in` as text) before one could say what came. What is left of it, PKCE and state, is
//! `random_text` and one hash.

pub mod authorization_code;
pub mod cause;
pub mod client;
pub mod device;
pub mod id_token;
pub mod introspection;
pub mod metadata;
pub mod refusal;
pub mod resource;
pub mod revocation;
pub mod token_endpoint;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// 256 random bits as text that needs no escaping: states, nonces, PKCE verifiers, assertion IDs.
fn random_text() -> String {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

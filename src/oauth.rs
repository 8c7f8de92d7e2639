//! OAuth 2 in the words of its RFCs: what every provider that speaks it shares.

pub mod authorization_code;
pub mod client;
pub mod device;
pub mod id_token;
pub mod introspection;
pub mod metadata;
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

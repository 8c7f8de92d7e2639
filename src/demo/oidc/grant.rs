//! What is granted: the authorization that a code, a device code and each token stand for.

use super::{User, client::Client};

/// What a user agreed to.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    /// All tokens that come of one login are a family: they die together when a refresh token is used twice
    /// (RFC 9700 §4.14.2).
    pub(super) family: u64,
    pub(super) client: &'static Client,
    /// `None`: the client acts for itself.
    pub(super) user: Option<&'static User>,
    pub(super) scope: String,
    /// Whom the access token is for.
    pub(super) audience: Option<String>,
    /// What the ID token has to repeat.
    pub(super) nonce: Option<String>,
    /// When the user logged in, Unix seconds.
    pub(super) auth_time: i64,
}

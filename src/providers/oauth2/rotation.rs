//! What a rotation may count on with a server of which only the RFCs are known.

use crate::auth::{
    TokenKind,
    rotation::{Ending, EndingOf, Kinship, LoginWay, RefreshOf, RefreshWay, Replay, Rotation, Tried},
};

/// A login by one of these grants, which takes this secret besides the client's.
const fn login(
    grants: &'static [&'static str],
    secrets: &'static [&'static str],
    person: bool,
    kinship: Kinship,
) -> LoginWay {
    LoginWay { when: Some(("grant", grants)), secrets, pasted: None, person, kinship }
}

/// The cautious row.
pub(super) const ROTATION: Rotation = Rotation {
    logins: &[
        login(&["client_credentials"], &["client_secret", "private_key"], false, Kinship::Separate),
        login(&["password"], &["client_secret", "private_key", "password"], false, Kinship::Separate),
        // Keycloak ends what was exchanged with its subject's session.
        login(&["token_exchange"], &["client_secret", "private_key", "subject_token"], false, Kinship::Maybe),
        // A server may keep one grant for each browser and client.
        login(&["authorization_code", "device_code"], &[], true, Kinship::Maybe),
    ],
    refreshes: &[RefreshOf { when: None, way: RefreshWay::Rotates }],
    endings: &[
        EndingOf { kind: TokenKind::Refresh, opaque_only: false, by: Ending::Revocation },
        EndingOf { kind: TokenKind::Access, opaque_only: false, by: Ending::Revocation },
    ],
    replay: Replay::AfterLogin,
    tried: Tried::Userinfo,
    by_hand: Some("end the session on the account page of the authorization server, or ask its operator"),
    ..Rotation::UNKNOWN
};

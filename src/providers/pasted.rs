//! Pasted: tokens that came by hand. Nothing can get or renew them; a URL can tell whether they are accepted.

use async_trait::async_trait;

use crate::auth::{Capabilities, Descriptor, Field, Provider, rotation::Rotation};

/// Pasted.
#[derive(Debug)]
pub(super) struct Pasted;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "pasted",
    title: "Pasted token",
    summary: "a token that you paste: no login, no refresh",
    own_fields: &[Field::text(
        "scheme",
        "Scheme",
        "The scheme before the token in Authorization: Bearer, JWT, Token …",
    )
    .with_default("Bearer")
    .in_sight()],
    capabilities: Capabilities { login: false, refresh: false, revoke: false, probe: true },
    rotation: Rotation {
        by_hand: Some("revoke the token at the system that issued it, then paste the new one"),
        ..Rotation::UNKNOWN
    },
    importers: &[],
    documentation: "https://www.rfc-editor.org/rfc/rfc6750",
};

#[async_trait]
impl Provider for Pasted {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }
}

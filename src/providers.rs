//! The registry: one line per auth system.

mod command;
mod oauth2;
mod openedx;
mod passwork;
mod pasted;
mod practicus;
mod reply;
#[cfg(test)]
mod scratch;
mod seta;

use crate::auth::Provider;

/// All providers, in the order in which they are offered.
pub const ALL: &[&dyn Provider] = &[
    &practicus::Practicus,
    &seta::Seta,
    &passwork::Passwork,
    &openedx::OpenEdx,
    &oauth2::OAuth2,
    &command::Command,
    &pasted::Pasted,
    #[cfg(test)]
    &scratch::Scratch,
];

/// The provider of an id, such as `openedx`.
pub fn by_id(id: &str) -> Option<&'static dyn Provider> {
    ALL.iter().copied().find(|provider| provider.descriptor().id == id)
}

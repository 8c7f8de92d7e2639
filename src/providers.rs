//! The registry: one line per auth system.

mod openedx;
mod pasted;

use crate::auth::Provider;

/// All providers, in the order in which they are offered.
pub const ALL: &[&dyn Provider] = &[&openedx::OpenEdx, &pasted::Pasted];

/// The provider of an id, such as `openedx`.
pub fn by_id(id: &str) -> Option<&'static dyn Provider> {
    ALL.iter().copied().find(|provider| provider.descriptor().id == id)
}

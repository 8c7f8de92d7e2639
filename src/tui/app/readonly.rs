//! Read-only: what the app does not even try. That nothing is sent, the session sees to.

use super::{
    Model,
    keymap::Action,
    message::{Effect, Effects},
    notices::Level,
};
use crate::{auth::ReadOnly, profile::ProfileName, text};

/// Says why nothing is sent for a profile; whether that is so.
pub(super) fn refused(model: &mut Model, profile: &ProfileName) -> bool {
    let refusal = model.profiles.row(profile).and_then(|row| model.readonly.refusal(&row.profile));
    let Some(why) = refusal else { return false };
    let hint = why.hint.unwrap_or_default();
    model.tell_about(Some(profile), Level::Warning, &text::visible(&why.what), Some(&hint));
    true
}

/// What the title says, where it is about all profiles or what the keys act on.
pub(crate) fn words(model: &Model) -> Option<&'static str> {
    let target = || model.target().is_some_and(|row| model.readonly.refusal(&row.profile).is_some());
    (model.readonly.is_this_run() || target()).then_some("READ-ONLY")
}

pub(super) fn offer(model: &Model) -> Option<Action> {
    (!model.readonly.is_this_run()).then_some(Action::SendNothing)
}

/// For this run. What was sent is finished.
pub(super) fn begin(model: &mut Model) -> Effects {
    model.readonly.renew(ReadOnly::this_run());
    model.tell(Level::Info, "Read-only until tokscope ends: nothing is sent for any profile.");
    Effect::SendNothing.into()
}

//! The question of the first start: where is the key of the vault kept?

use crate::{
    store::identity::Home,
    tui::app::{
        Model,
        keymap::Action,
        mode::{Choice, Item, Mode},
        notices::Level,
    },
};

/// The homes with what follows from them.
const HOMES: [(Home, &str); 4] = [
    (Home::Keyring, "in the system keyring: unlocks with your session"),
    (Home::Passphrase, "in a file encrypted with a passphrase, asked for at each start"),
    (Home::Memory, "nowhere: tokens are lost when tokscope ends"),
    (Home::Plain, "in a file, unencrypted: every program you run can read it"),
];

/// What to choose from. The keyring says why it did not help, and can be tried again.
pub(in crate::tui::app) fn choices(model: &Model) -> Vec<Item> {
    let unchosen = model.vault.unchosen.clone();
    let item = |(home, follows): (Home, &'static str)| match &unchosen {
        Some(why) if home == Home::Keyring => Item::new(home.to_string(), why.clone(), Action::OpenVault(Some(home))),
        _ => Item::new(home.to_string(), follows, Action::OpenVault(Some(home))),
    };
    let mut items: Vec<_> = HOMES.into_iter().map(item).collect();
    let later = model.hint("tokens stay in memory this time; {key:unlock} asks again");
    items.push(Item::new("not now", later, Action::KeepInMemory));
    items
}

/// Whether the question is open.
pub(super) fn is_open(model: &Model) -> bool {
    model.modes.iter().any(|mode| matches!(mode, Mode::Choose(choose) if choose.choice == Choice::Home))
}

/// Not now: what the user wanted to do begins, and its tokens stay in memory.
pub(in crate::tui::app) fn in_memory(model: &mut Model) {
    if model.vault.is_locked() {
        // There are tokens in it: another vault in its place would hide them.
        return model.advise(
            None,
            Level::Info,
            "Vault still locked.",
            "{key:unlock} unlocks it; pasted tokens work without",
        );
    }
    model.vault.hold_for_now();
    let words = "Memory only: tokens end with tokscope.";
    model.advise(None, Level::Info, words, "{key:unlock} saves them");
}

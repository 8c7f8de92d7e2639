use super::*;
use crate::{
    clock::{self, Zone},
    profile::Profile,
    store::{config::Config, identity::Home},
    tui::app::{
        Message, Start, look,
        message::{Effect, OpenedVault},
        update,
        vault::AtStart,
    },
};

fn names() -> Vec<ProfileName> {
    ["a", "b", "c"].into_iter().map(|name| ProfileName::new(name).unwrap()).collect()
}

fn model() -> Model {
    let (provider, settings) = ("openedx".to_owned(), Default::default());
    let profile = Profile { name: names().remove(0), provider, settings, environment: None, tags: Vec::new() };
    Model::new(Start {
        now: clock::parse("2026-11-21T20:00:00Z").unwrap(),
        zone: Zone::utc(),
        size: (80, 24),
        terminal: look::Terminal::new(look::Colors::True),
        config: Ok(Config::default()),
        state: crate::store::state::State::default(),
        seed: 1,
        profiles: Ok(names().into_iter().map(|name| Profile { name, ..profile.clone() }).collect()),
        vault: AtStart::Locked,
        tokens: Vec::new(),
        token_sets: Vec::new(),
        samples: Vec::new(),
        demo: None,
        remarks: Vec::new(),
    })
}

fn end(model: &mut Model, id: TaskId, result: Result<TaskOutcome, AuthError>) -> Vec<Effect> {
    update(model, Message::Task(id, TaskEvent::Ended(result))).0
}

#[test]
fn many_with_one_cause_wait_run_and_end_together() {
    let mut model = model();
    let logins = || names().into_iter().map(|name| (What::Login, name)).collect();
    start_group(&mut model, Cause::Unlocking, logins());
    let told = |model: &Model| model.notices.all().next().map(|notice| notice.text.clone()).unwrap_or_default();
    assert_eq!(told(&model), "3 tasks will start once the vault is unlocked.");
    let effects = launch(&mut model).0;
    let [Effect::Start { id, what: What::OpenVault { asked: true, .. }, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    let (records, unreadable, loose) = Default::default();
    let opened = OpenedVault { home: Home::Plain, chosen: false, records, unreadable, loose };
    let started = end(&mut model, id, Ok(TaskOutcome::Opened(opened)));
    let ids: Vec<_> = started
        .iter()
        .map(|effect| match effect {
            Effect::Start { id, what: What::Login, .. } => *id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids.len(), 3);
    // They are busy: nothing is done twice.
    start_group(&mut model, Cause::Unlocking, logins());
    assert!(launch(&mut model).0.is_empty());
    end(&mut model, ids[0], Err(AuthError::Cancelled));
    let task = model.tasks.by_id(ids[1]).unwrap();
    assert_eq!(model.tasks.group(task).unwrap().counts(), (1, 3));
    assert!(matches!(cancel(&mut model, ids[1]).0[..], [Effect::Cancel(_), Effect::Cancel(_)]));
    for id in &ids[1..] {
        end(&mut model, *id, Err(AuthError::Cancelled));
    }
    assert_eq!(told(&model), "After unlocking: 0 of 3 succeeded, 3 cancelled.");
    assert!(end(&mut model, ids[0], Err(AuthError::Cancelled)).is_empty(), "it is over");
    assert_eq!(told(&model), "After unlocking: 0 of 3 succeeded, 3 cancelled.");
}

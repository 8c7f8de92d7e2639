mod call;

use std::sync::mpsc::{self, Receiver};

use async_trait::async_trait;

use super::*;
use crate::{
    auth::{
        Capabilities, Context, Descriptor, IssuedToken, ProbeVerdict, Progress, Prompt, Provider, Revocation,
        SecretRef, SecretSource, Settings, TokenSet,
    },
    clock,
    profile::{ProfileName, Protected},
    secret::ExposeSecret as _,
    session::Profiles,
    store::vault::Vault,
    tui::app::message::KeepId,
};

/// Asks what to do, and does it.
struct Puppet {
    dropped: Sender<()>,
}

static DESCRIPTOR: Descriptor = Descriptor {
    id: "puppet",
    title: "Puppet",
    summary: "does what it is told",
    own_fields: &[],
    capabilities: Capabilities { login: true, refresh: false, revoke: false, probe: false },
    rotation: crate::auth::rotation::Rotation::UNKNOWN,
    importers: &[],
    documentation: "",
};

/// The server's answer to what was sent.
static ANSWER: tokio::sync::Notify = tokio::sync::Notify::const_new();

fn set(account: &str) -> TokenSet {
    TokenSet {
        tokens: Vec::new(),
        scope: None,
        account: Some(account.to_owned()),
        received_at: clock::now(),
        remarks: Vec::new(),
    }
}

struct Goodbye(Sender<()>);

impl Drop for Goodbye {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[async_trait]
impl Provider for Puppet {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }
    async fn login(&self, _: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let _goodbye = Goodbye(self.dropped.clone());
        let prompt = Prompt { key: "order", label: "Order".into(), help: "".into(), secret: true };
        let order = cx.interaction.ask(prompt).await?;
        if order.expose_secret() == "send" {
            cx.begin()?;
        }
        cx.interaction.report(Progress::Remark("understood".to_owned()));
        match order.expose_secret() {
            "panic" => panic!("marker-secret"),
            "hang" => std::future::pending().await,
            "send" => {
                ANSWER.notified().await;
                Ok(set("late"))
            }
            account => Ok(set(account)),
        }
    }
    async fn refresh(&self, _: &Settings, _: &TokenSet, _: &Context<'_>) -> Result<TokenSet, AuthError> {
        Err(AuthError::Cancelled)
    }
    async fn revoke(&self, _: &Settings, _: &TokenSet, _: &Context<'_>) -> Result<Revocation, AuthError> {
        Err(AuthError::Cancelled)
    }
    async fn probe(&self, _: &Settings, _: &IssuedToken, _: &Context<'_>) -> Result<ProbeVerdict, AuthError> {
        Err(AuthError::Cancelled)
    }
}

struct NoSecrets;

#[async_trait]
impl SecretSource for NoSecrets {
    async fn resolve(&self, _: &SecretRef) -> Result<SecretString, AuthError> {
        Err(AuthError::Cancelled)
    }
}

/// Tasks that have started a login, and where they report; the last channel tells that the login's future is gone.
fn login() -> (Tasks, Receiver<Event>, Receiver<()>) {
    let (mut tasks, received, gone) = tasks(Arc::default());
    tasks.exchange(TaskId(7), What::Login, profile(), None, Protected::new([]));
    assert!(matches!(next(&received), TaskEvent::Asked(prompt) if prompt.key == "order"));
    (tasks, received, gone)
}

fn profile() -> Profile {
    let (name, provider) = (ProfileName::new("strings").unwrap(), "puppet".to_owned());
    Profile { name, provider, settings: [].into(), environment: None, tags: Vec::new() }
}

fn tasks(vault: Arc<Vault>) -> (Tasks, Receiver<Event>, Receiver<()>) {
    let (dropped, gone) = mpsc::channel();
    let puppet: &'static dyn Provider = Box::leak(Box::new(Puppet { dropped }));
    let session = Session::new(vec![puppet].leak(), Box::new(NoSecrets), vault);
    let (events, received) = mpsc::channel();
    let tasks = Tasks::new(Arc::new(session), events);
    assert!(tasks.runtime.is_none(), "a task is what starts the runtime");
    (tasks, received, gone)
}

fn next(received: &Receiver<Event>) -> TaskEvent {
    match received.recv().unwrap() {
        Event::Message(Message::Task(TaskId(7), event)) => event,
        other => panic!("{other:?}"),
    }
}

/// Answers the question; what comes next is the remark.
fn order(tasks: &Tasks, received: &Receiver<Event>, order: &str) {
    tasks.answer(TaskId(7), order.into());
    assert!(matches!(next(received), TaskEvent::Stepped(Progress::Remark(_))));
}

#[test]
fn a_task_asks_goes_on_and_ends() {
    let (tasks, received, _gone) = login();
    order(&tasks, &received, "ada");
    let ended = next(&received);
    let TaskEvent::Ended(Ok(TaskOutcome::TokenSet(set))) = ended else { panic!("{ended:?}") };
    assert_eq!(set.account.as_deref(), Some("ada"));
}

#[test]
fn a_panic_is_an_end_that_keeps_its_message_to_itself() {
    let (tasks, received, _gone) = login();
    order(&tasks, &received, "panic");
    let ended = format!("{:?}", next(&received));
    assert!(ended.contains("internal error"), "{ended}");
    assert!(!ended.contains("marker-secret"), "{ended}");
}

#[test]
fn a_task_that_has_sent_nothing_is_dropped_when_it_is_given_up() {
    for answered in [false, true] {
        let (mut tasks, received, gone) = login();
        if answered {
            order(&tasks, &received, "hang");
        }
        tasks.cancel(TaskId(7));
        gone.recv().unwrap();
        tasks.answer(TaskId(7), "too late".into());
        assert!(matches!(next(&received), TaskEvent::Ended(Err(AuthError::Cancelled))));
        assert!(tasks.leave().is_empty());
    }
}

#[test]
fn what_a_task_has_sent_is_finished_and_the_exit_waits_for_it() {
    let (mut tasks, received, _gone) = login();
    order(&tasks, &received, "send");
    tasks.cancel(TaskId(7));
    assert!(matches!(next(&received), TaskEvent::Stepped(Progress::Finishing)));
    assert_eq!(tasks.leave(), ["the login of strings, at most 20 s"]);
    ANSWER.notify_one();
    // The exit need not wait for what only the screen is told.
    let is_last = |event: &Event| matches!(event, Event::Finished);
    let is_end = |event: &Event| {
        matches!(event, Event::Message(Message::Task(_, TaskEvent::Ended(Ok(TaskOutcome::TokenSet(_))))))
    };
    let mut left = 2;
    while left > 0 {
        let event = received.recv().unwrap();
        left -= i32::from(is_last(&event) || is_end(&event));
    }
    let name = ProfileName::new("strings").unwrap();
    assert!(tasks.session.token_set(&name).unwrap().is_some(), "it is saved");
}

#[test]
fn a_login_does_not_begin_before_the_tokens_are_forgotten_or_cannot_be() {
    let vault = Arc::<Vault>::default();
    let (mut tasks, received, _gone) = tasks(Arc::clone(&vault));
    let held = vault.hold_now(&profile().name).unwrap();
    tasks.forget(profile().name, None, KeepId(1));
    tasks.exchange(TaskId(7), What::Login, profile(), None, Protected::new([]));
    let first = received.recv().unwrap();
    assert!(matches!(first, Event::Message(Message::VaultRefused(..))), "{first:?}");
    drop(held);
    assert!(matches!(next(&received), TaskEvent::Asked(_)));
}

#[test]
fn changes_of_the_profiles_are_made_in_the_order_in_which_they_were_asked_for() {
    let (mut tasks, received, _gone) = tasks(Arc::default());
    let profiles = Profiles::in_memory(Vec::new(), None);
    let Profiles::Memory(all, _) = &profiles else { panic!("they are in memory") };
    let held = all.lock().unwrap();
    let names: Vec<_> = (0..20).map(|number| ProfileName::new(format!("p{number:02}")).unwrap()).collect();
    for name in &names {
        tasks.save_profile(TaskId(1), &profiles, None, Profile { name: name.clone(), ..profile() });
    }
    tasks.remove_profile(TaskId(2), &profiles, names[0].clone(), KeepId(1));
    assert_eq!(tasks.leave().len(), 21, "the exit waits for them");
    drop(held);
    let mut told = Vec::new();
    loop {
        match received.recv().unwrap() {
            Event::Message(Message::Task(_, TaskEvent::Ended(Ok(TaskOutcome::Changed(all))))) => {
                told.push(all.unwrap().len());
            }
            Event::Finished => break,
            other => panic!("{other:?}"),
        }
    }
    let expected: Vec<_> = (1..=20).chain([19]).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_key_is_written_in_the_background_and_a_failure_is_told() {
    let (mut tasks, received, _gone) = tasks(Arc::default());
    let folder = tempfile::tempdir().unwrap();
    let profiles = Profiles::File(folder.path().to_owned());
    let text = "# mine\n[warn]\nbell  =  true # loud\n";
    std::fs::write(folder.path().join("config.toml"), text).unwrap();
    tasks.bind(&profiles, ("tokens", "copy-token"), vec!["h".to_owned()], KeepId(1));
    tasks.unbind(&profiles, KeepId(1));
    if !tasks.leave().is_empty() {
        assert!(matches!(received.recv().unwrap(), Event::Finished));
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("config.toml")).unwrap(), text, "taken back");
    tasks.bind(&profiles, ("tokens", "copy-header"), vec!["b".to_owned()], KeepId(2));
    if !tasks.leave().is_empty() {
        assert!(matches!(received.recv().unwrap(), Event::Finished));
    }
    let [written] = &profiles.settings().unwrap().keys[..] else { panic!("one is written") };
    assert_eq!((written.place.as_str(), written.command.as_deref()), ("tokens", Some("copy-header")));
    assert_eq!(written.keys.as_deref(), Some(&["b".to_owned()][..]));
    std::fs::write(folder.path().join("config.toml"), "[keys]\ntokens = 3\n").unwrap();
    tasks.bind(&profiles, ("tokens", "copy-header"), vec!["x".to_owned()], KeepId(3));
    let told = received.recv().unwrap();
    assert!(matches!(&told, Event::Message(Message::NotRemembered(why)) if why.contains("keys.tokens")), "{told:?}");
}

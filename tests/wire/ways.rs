//! Rotations of one profile that go a way of their own: what a person pastes, a server that counts in seconds, and one where only
//! a replay tells.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use tokio::sync::watch;
use tokscope::{
    auth::{AuthError, Interaction, NoInteraction, Progress, Prompt, TokenKind, TokenSet, rotation::Kinship},
    demo,
    profile::{Profile, ProfileName, Protected},
    providers,
    secret::{ExposeSecret as _, SecretString},
    session::{
        Session,
        rotate::{
            Event, Shell,
            plan::Options,
            receipt::{Life, Receipt},
            step::{Cancelled, Outcome},
        },
    },
};

/// A person who pastes one text after the other, and reads what is said.
#[derive(Default)]
struct Person {
    pastes: Mutex<VecDeque<String>>,
    asked: Mutex<Vec<&'static str>>,
    read: Mutex<Vec<String>>,
}

#[async_trait]
impl Interaction for Person {
    fn report(&self, step: Progress) {
        if let Progress::Remark(words) = step {
            self.read.lock().unwrap().push(words);
        }
    }
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        assert!(prompt.secret, "a token is not echoed");
        self.asked.lock().unwrap().push(prompt.key);
        self.pastes.lock().unwrap().pop_front().map(SecretString::from).ok_or(AuthError::Cancelled)
    }
}

struct Asking(Arc<Person>, watch::Sender<Cancelled>);

impl Shell for Asking {
    fn tell(&self, _: Event) {}
    fn user(&self, _: &ProfileName) -> Arc<dyn Interaction> {
        Arc::clone(&self.0) as Arc<dyn Interaction>
    }
    fn cancelled(&self) -> watch::Receiver<Cancelled> {
        self.1.subscribe()
    }
}

fn profile(name: &str, provider: &str, settings: &[(&str, &str)]) -> Profile {
    let settings: BTreeMap<_, _> =
        settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let name = ProfileName::new(name).unwrap();
    Profile { name, provider: provider.to_owned(), settings, environment: None, tags: Vec::new() }
}

/// Rotates it, with a person who pastes these.
async fn rotate(session: &Session, profile: &Profile, pastes: &[String]) -> (Receipt, Arc<Person>) {
    rotate_for(1, session, profile, pastes).await
}

/// The same, with so many seconds for the proof.
async fn rotate_for(prove_for: i64, session: &Session, profile: &Profile, pastes: &[String]) -> (Receipt, Arc<Person>) {
    let person = Arc::new(Person { pastes: Mutex::new(pastes.iter().cloned().collect()), ..Person::default() });
    let options = Options { prove_for, ..Options::default() };
    let attended = true;
    let plan =
        session.plan_rotation(std::slice::from_ref(profile), options, attended, &Protected::new([])).await.unwrap();
    let shell = Arc::new(Asking(Arc::clone(&person), watch::Sender::new(Cancelled::No)));
    (session.rotate(plan, attended, shell).await.unwrap(), person)
}

fn raw(set: &TokenSet, kind: TokenKind) -> String {
    set.token(kind).unwrap().raw.expose_secret().to_owned()
}

#[tokio::test]
async fn a_token_that_came_by_hand_is_pasted_anew() {
    let demo = demo::Server::start(demo::Options::default()).await.unwrap();
    let issuer = format!("{}/oidc", demo.url());
    let robot = [("issuer", issuer.as_str()), ("grant", "client_credentials"), ("client_id", "odd:service")];
    let robot = [&robot[..], &[("client_secret", "plain:p@ss:w%rd +/~"), ("scope", "api")]].concat();
    let (robot, session) = (profile("robot", "oauth2", &robot), Session::in_memory(providers::ALL));
    let mut issued = Vec::new();
    for _ in 0..2 {
        issued.push(raw(&session.login(&robot, &NoInteraction).await.unwrap(), TokenKind::Access));
    }
    let [old, new] = [0, 1].map(|at| issued[at].clone());
    let api = format!("{}/api/me", demo.url());
    let key = profile("vendor-key", "pasted", &[("probe_url", &api)]);
    let person = Person { pastes: Mutex::new([format!(" {old}\n")].into()), ..Person::default() };
    session.login(&key, &person).await.unwrap();

    // The old one is refused with words, and asked for again.
    let (receipt, person) = rotate(&session, &key, &[old.clone(), format!("Bearer {new}")]).await;
    let report = &receipt.profiles[0];
    assert_eq!(report.outcome, Outcome::Rotated, "{}", receipt.markdown());
    assert_eq!(*person.asked.lock().unwrap(), ["new_token", "new_token"]);
    assert!(person.read.lock().unwrap().iter().any(|words| words.contains("that is the old token")));
    assert_eq!(raw(&session.token_set(&key.name).unwrap().unwrap(), TokenKind::Unknown), new);
    assert_eq!(
        (report.kinship, report.old[0].verdict),
        (Some(Kinship::Maybe), Life::AliveUntil),
        "{}",
        receipt.markdown()
    );
    assert_eq!(report.left_to_do, ["revoke the old token at the system that issued it"]);

    // Twice the old one is a failure, and nothing at all is a skipped question. What was current stays so.
    let (receipt, _) = rotate(&session, &key, &[new.clone(), new.clone()]).await;
    let failed = |receipt: &Receipt| (receipt.profiles[0].outcome, receipt.profiles[0].reason.clone().unwrap());
    assert_eq!(failed(&receipt), (Outcome::Failed, "the pasted token is the old one".to_owned()));
    for nothing in [vec![], vec![" \n".to_owned()]] {
        let (receipt, _) = rotate(&session, &key, &nothing).await;
        assert_eq!(failed(&receipt), (Outcome::Failed, "the login was skipped".to_owned()), "{nothing:?}");
    }
    assert_eq!(raw(&session.token_set(&key.name).unwrap().unwrap(), TokenKind::Unknown), new);

    // Without a person nothing is asked.
    let options = Options::default();
    let plan = session.plan_rotation(&[key], options, false, &Protected::new([])).await.unwrap();
    assert_eq!(plan.rows[0].way, None);
    assert!(plan.rows[0].obstacle.as_deref().unwrap().contains("needs a person"), "{:?}", plan.rows[0].obstacle);
}

/// What stands in a profile of Passwork is the old pair: the new one is asked for.
#[tokio::test]
async fn a_pair_is_pasted_whatever_the_profile_says() {
    let settings = [("url", "http://127.0.0.1:1"), ("login", "pasted"), ("refresh_mode", "access")];
    let settings =
        [&settings[..], &[("access_token", "plain:old-access"), ("refresh_token", "plain:old-refresh")]].concat();
    let (pair, session) = (profile("pair", "passwork", &settings), Session::in_memory(providers::ALL));
    session.login(&pair, &NoInteraction).await.unwrap();
    let pastes = ["new-access", "new-refresh"].map(str::to_owned);
    let (receipt, person) = rotate(&session, &pair, &pastes).await;
    assert_eq!(receipt.profiles[0].outcome, Outcome::Rotated, "{}", receipt.markdown());
    assert_eq!(*person.asked.lock().unwrap(), ["access_token", "refresh_token"]);
    assert_eq!(raw(&session.token_set(&pair.name).unwrap().unwrap(), TokenKind::Refresh), "new-refresh");
}

/// Open EdX gives the same text to whoever asks twice in a second: the login waits for the next one.
#[tokio::test]
async fn a_login_is_not_in_the_second_of_the_last_one() {
    let demo = demo::Server::start(demo::Options { truth: true, ..demo::Options::default() }).await.unwrap();
    let settings = [("url", demo.url()), ("grant", "client_credentials"), ("client_id", "grades-service")];
    let settings = [&settings[..], &[("client_secret", "plain:grades-service-secret")]].concat();
    let (service, session) = (profile("grades", "openedx", &settings), Session::in_memory(providers::ALL));
    // One of them at least is in the second of its login.
    for _ in 0..2 {
        let old = session.login(&service, &NoInteraction).await.unwrap();
        let (receipt, _) = rotate(&session, &service, &[]).await;
        let report = &receipt.profiles[0];
        assert_eq!(
            (report.outcome, report.kinship),
            (Outcome::Rotated, Some(Kinship::Separate)),
            "{}",
            receipt.markdown()
        );
        let new = session.token_set(&service.name).unwrap().unwrap();
        assert_ne!(raw(&new, TokenKind::Access), raw(&old, TokenKind::Access));
        assert!(new.received_at.timestamp() > old.received_at.timestamp(), "it has waited");
    }
}

/// Of a refresh token of Open EdX only a replay tells. One that is accepted is no end of it: what it brought is ended, and tried
/// as long as any other token.
#[tokio::test]
async fn a_replay_that_is_accepted_is_followed_until_the_time_is_over() {
    let demo = demo::Server::start(demo::Options { truth: true, ..demo::Options::default() }).await.unwrap();
    let run = async |mode: &str, prove_for| {
        let url = format!("{}/liar/{mode}.1", demo.url());
        let settings = [("url", url.as_str()), ("grant", "password"), ("client_id", "login-service-client-id")];
        let settings = [&settings[..], &[("username", "ada"), ("password", "plain:analytical-engine")]].concat();
        let (lms, session) = (profile("lms", "openedx", &settings), Session::in_memory(providers::ALL));
        session.login(&lms, &NoInteraction).await.unwrap();
        let (receipt, _) = rotate_for(prove_for, &session, &lms, &[]).await;
        let old = receipt.profiles[0].old.iter().find(|old| old.kind == TokenKind::Refresh).unwrap().clone();
        let truth =
            reqwest::get(format!("{}/truth/{}", demo.url(), old.fingerprint)).await.unwrap().text().await.unwrap();
        (old, truth, receipt.markdown())
    };
    let ((late, truth, late_words), (never, _, never_words)) = tokio::join!(run("delay-1", 5), run("noop", 2));
    assert_eq!((late.verdict, late.evidence.len() > 1), (Life::Dead, true), "{late_words}");
    assert!(late.why.starts_with("a replay was accepted; what it returned was revoked"), "{late_words}");
    assert!(!truth.contains("\"alive\""), "{truth}");
    assert_eq!(
        (never.verdict, never.evidence.len()),
        (Life::Alive, 3),
        "at once, after 1 s and after 2 s: {never_words}"
    );
}

//! What a rotation says at a real server, and what is true there: both orders, the old tokens tried once more afterwards.

use std::sync::Arc;

use tokio::sync::watch;
use tokscope::{
    auth::{Acceptance, Interaction, IssuedToken, TokenKind, TokenSet},
    profile::{ProfileName, Protected},
    providers,
    session::{
        Session,
        rotate::{
            Event, Shell,
            plan::{Options, Wanted},
            receipt::{self, Life},
            step::{Cancelled, Outcome},
        },
    },
};

use crate::{
    support::user::{Client, User, raw},
    table,
};

/// A user who is there, and cancels nothing.
struct Attended(Arc<User>, watch::Sender<Cancelled>);

impl Shell for Attended {
    fn tell(&self, _: Event) {}

    fn user(&self, _: &ProfileName) -> Arc<dyn Interaction> {
        Arc::clone(&self.0) as Arc<dyn Interaction>
    }

    fn cancelled(&self) -> watch::Receiver<Cancelled> {
        self.1.subscribe()
    }
}

/// Who knows whether a token is good.
#[derive(Debug, Clone, Copy)]
enum Truth<'a> {
    /// The server's answers to the token.
    Answers,
    /// Its database, which this address reads.
    Database(&'a str),
}

impl Truth<'_> {
    async fn lives(self, client: &Client, set: &TokenSet, kind: TokenKind) -> bool {
        match (self, kind) {
            (Self::Database(address), _) => {
                #[allow(clippy::disallowed_methods, reason = "this is no call of the program's")]
                let plain = reqwest::Client::builder().no_proxy().build().unwrap();
                let answer = plain.get(format!("{address}/{}", raw(set, kind))).send().await.unwrap();
                match answer.text().await.unwrap().as_str() {
                    r#"{"alive": true}"# => true,
                    r#"{"alive": false}"# => false,
                    other => panic!("{other}"),
                }
            }
            (Self::Answers, TokenKind::Access) => works(client, set).await,
            (Self::Answers, _) => table::refresh(client, set).await == "alive",
        }
    }
}

/// A rotation of a session that has just logged in, in one line; no verdict is false, and what it calls the new session works.
async fn rotated(client: &Client, truth: Truth<'_>, options: Options) -> String {
    let (session, profile) = (Session::in_memory(providers::ALL), client.profile());
    let old = session.login(&profile, &*client.user()).await.unwrap();
    let options = Options { prove_for: 3, ..options };
    let plan = session.plan_rotation(std::slice::from_ref(&profile), options, true, &Protected::new([])).await.unwrap();
    let shell = Arc::new(Attended(client.user(), watch::Sender::new(Cancelled::No)));
    let receipt = session.rotate(plan, true, shell).await.unwrap();
    let report = &receipt.profiles[0];

    let new = session.token_set(&profile.name).unwrap();
    assert_eq!(new.is_none(), report.outcome == Outcome::Revoked, "{report:#?}");
    if let Some(new) = new {
        // A server need not know its own JWTs again.
        let is_signed = new.token(TokenKind::Access).is_some_and(IssuedToken::is_signed);
        assert!(is_signed || works(client, &new).await, "the new session: {report:#?}");
        if new.token(TokenKind::Refresh).is_some() {
            assert_eq!(table::refresh(client, &new).await, "alive", "the new session: {report:#?}");
        }
    }
    let mut line = format!("{}{}", report.outcome.as_str(), if report.recovered { ", recovered" } else { "" });
    for kind in [TokenKind::Access, TokenKind::Refresh] {
        let (Some(token), Some(said)) = (old.token(kind), verdict(report, kind)) else { continue };
        let alive = truth.lives(client, &old, kind).await;
        assert!(said.verdict != Life::Dead || !alive, "a false dead: {report:#?}");
        // What a signed token is good for elsewhere, its own server does not know.
        let elsewhere = token.is_signed() && said.verdict == Life::AliveUntil;
        let claimed = matches!(said.verdict, Life::Alive | Life::AliveUntil);
        assert!(!claimed || alive || elsewhere, "a false alive: {report:#?}");
        let by = said.evidence.iter().map(|seen| format!("{:?}", seen.by).to_lowercase()).collect::<Vec<_>>();
        line += &format!("; {kind} {:?}, seen by {}", said.verdict, by.last().map_or("nothing", String::as_str));
    }
    line
}

/// Whether the access token is accepted, by its use or by what the server says.
async fn works(client: &Client, set: &TokenSet) -> bool {
    client.probe(set, TokenKind::Access).await.is_ok_and(|verdict| verdict.acceptance == Acceptance::Accepted)
}

fn verdict(report: &receipt::Profile, kind: TokenKind) -> Option<&receipt::Old> {
    report.old.iter().find(|old| old.kind == kind)
}

/// Both orders.
pub(crate) async fn are(client: &Client, expected: [&str; 2]) {
    assert_eq!(in_both_orders(client, Truth::Answers).await, expected);
}

/// Both orders, and by a refresh, held against a database.
pub(crate) async fn are_by(database: &str, client: &Client, expected: [&str; 3]) {
    let truth = Truth::Database(database);
    let [login, panic] = in_both_orders(client, truth).await;
    let refresh = rotated(client, truth, Options { way: Wanted::Refresh, ..Options::default() }).await;
    assert_eq!([login, panic, refresh], expected);
}

async fn in_both_orders(client: &Client, truth: Truth<'_>) -> [String; 2] {
    let panic = Options { panic: true, ..Options::default() };
    [rotated(client, truth, Options::default()).await, rotated(client, truth, panic).await]
}

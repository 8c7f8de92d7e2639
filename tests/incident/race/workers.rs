//! Processes and tasks that all find the same token expired at the same time.

use std::{
    env,
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
};

use tokio::task::JoinSet;
use tokscope::{
    auth::TokenSet,
    demo::{Refreshes, Server},
    secret::Fingerprint,
};

use crate::race::client::{Client, logged_in};

/// The environment of a worker: where the server and the vault are.
const URL: &str = "RACE_URL";
const FOLDER: &str = "RACE_FOLDER";

/// A process of its own with the same vault.
struct Worker {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    fn start(client: &Client, server: &Server) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .env(URL, server.url())
            .env(FOLDER, &client.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, answers) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, orders, answers }
    }

    fn order(&mut self, expired: Fingerprint) {
        writeln!(self.orders, "{expired}").unwrap();
    }

    /// The generation that it has now.
    fn answer(&mut self) -> Fingerprint {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        Fingerprint::parse(answer.trim()).unwrap_or_else(|| panic!("a worker says: {answer}"))
    }
}

pub(crate) fn is_worker() -> bool {
    env::var_os(URL).is_some()
}

/// Renews what it is told has expired, until there is nothing more to read. Each line is answered with the new
/// generation, or with what went wrong.
pub(crate) async fn work() {
    let text = |name| env::var(name).unwrap();
    let client = Client::start(Path::new(&text(FOLDER)), &text(URL)).await;
    for line in io::stdin().lines() {
        let expired = Fingerprint::parse(&line.unwrap()).unwrap();
        match client.refresh(Some(expired)).await {
            Ok(token_set) => println!("{}", generation(&token_set)),
            Err(error) => println!("{error}"),
        }
    }
}

/// Each expiry is seen by all processes at once, and costs one request.
pub(crate) async fn race(processes: usize, expiries: usize) -> String {
    let (_folder, server, client) = logged_in(0).await;
    let mut workers: Vec<_> = (0..processes).map(|_| Worker::start(&client, &server)).collect();
    let mut current = generation(&client.session.token_set(&client.profile("").name).unwrap().unwrap());
    for expiry in 1..=expiries {
        let (met, told) = tokio::task::spawn_blocking(move || {
            workers.iter_mut().for_each(|worker| worker.order(current));
            let told: Vec<_> = workers.iter_mut().map(Worker::answer).collect();
            (workers, told)
        })
        .await
        .unwrap();
        workers = met;
        assert!(told.iter().all(|new| *new == told[0] && *new != current), "{current} → {told:?}");
        current = told[0];
        assert_eq!(server.refreshes(), Refreshes { granted: expiry as u64, replayed: 0 });
    }
    for Worker { mut process, orders, .. } in workers {
        drop(orders);
        assert!(process.wait().unwrap().success());
    }
    assert!(client.works().await, "the last token is good");
    format!("{} network refreshes, {} replays", server.refreshes().granted, server.refreshes().replayed)
}

/// The same with the tasks of one process.
pub(crate) async fn tasks(tasks: usize, expiries: usize) -> String {
    let (_folder, server, client) = logged_in(0).await;
    let client = Arc::new(client);
    for expiry in 1..=expiries {
        let mut callers = JoinSet::new();
        let saved = generation(&client.session.token_set(&client.profile("").name).unwrap().unwrap());
        for _ in 0..tasks {
            let client = Arc::clone(&client);
            callers.spawn(async move { generation(&client.refresh(Some(saved)).await.unwrap()) });
        }
        let told = callers.join_all().await;
        assert!(told.iter().all(|new| *new == told[0] && *new != saved), "{saved} → {told:?}");
        assert_eq!(server.refreshes(), Refreshes { granted: expiry as u64, replayed: 0 });
    }
    assert!(client.works().await, "the last token is good");
    format!("{} network refreshes, {} replays", server.refreshes().granted, server.refreshes().replayed)
}

fn generation(token_set: &TokenSet) -> Fingerprint {
    token_set.generation().unwrap()
}

//! `tokscope rotate`, killed on its way into its system calls, each time in a world of its own, and resumed: what comes of it is
//! what comes of one that was not killed, but for the login or refresh that was cut off.

use std::{env, sync::Arc};

use serde_json::Value;
use tokio::{runtime::Handle, sync::Semaphore, task::JoinSet};

use crate::{
    crash::{
        Outcomes,
        tracer::{End, Point, Run},
        world::World,
    },
    support::rotation::{Account, Confirmed, Cost},
};

/// The calls that change something: files, and what goes over the network.
const CHANGES: [&str; 14] = [
    "write",
    "writev",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
    "flock",
    "connect",
    "sendto",
    "recvfrom",
];
/// So many worlds at once: most of the time a rotation waits.
const AT_ONCE: usize = 8;
/// So many points are tried where not all are.
const SOME: usize = 24;

/// Killed once at each of the points, or at some of those that change something.
pub(crate) async fn killed(way: &'static str) -> Outcomes {
    let (points, whole) = unkilled(way).await;
    let (worlds, whole) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(whole));
    let mut tries = JoinSet::new();
    for point in points {
        let (worlds, whole) = (Arc::clone(&worlds), Arc::clone(&whole));
        tries.spawn(async move {
            let _place = worlds.acquire_owned().await;
            let world = World::with(0, "opaque-legacy").await;
            let handle = Handle::current();
            tokio::task::spawn_blocking(move || one(&world, &handle, way, &point, &whole)).await.unwrap()
        });
    }
    let mut outcomes = Outcomes::default();
    while let Some(outcome) = tries.join_next().await {
        outcomes.count(outcome.unwrap());
    }
    outcomes
}

/// The points, and what comes of a rotation that is not killed.
async fn unkilled(way: &'static str) -> (Vec<Point>, Account) {
    let world = World::with(0, "opaque-legacy").await;
    let is_whole = env::var_os("CRASH").is_some_and(|word| word == "all");
    let is_meant = |syscall: &str, _: &str| is_whole || CHANGES.contains(&syscall);
    let arguments = rotate(way);
    let (points, output) = Run { root: world.root(), arguments: &arguments }.watched(is_meant);
    let apart = if is_whole { 1 } else { points.len().div_ceil(SOME) };
    let whole = account(&world, &Handle::current(), &output.stdout);
    assert_eq!((&whole.receipt["outcome"], &whole.receipt["way"]), (&"rotated".into(), &way.into()), "{whole}");
    (points.into_iter().step_by(apart).collect(), whole)
}

fn rotate(way: &str) -> [&str; 9] {
    ["rotate", "ada", "--yes", "--json", "--no-input", "--prove-for", "2s", "--way", way]
}

/// Killed at this point, and resumed.
fn one(world: &World, handle: &Handle, way: &str, point: &Point, whole: &Account) -> &'static str {
    let end = Run { root: world.root(), arguments: &rotate(way) }.killed_at(point);
    // The order of the calls differs a little from run to run.
    assert!(matches!(end, End::Killed | End::Exited(0 | 1, _)), "{point:?}: {end:?}");
    let run = |arguments: &[&str]| Run { root: world.root(), arguments }.alone().output().unwrap();
    let runs: Vec<Value> = serde_json::from_slice(&run(&["rotate", "--list", "--json"]).stdout).unwrap();
    let done = match &runs[..] {
        [] => run(&rotate(way)),
        [begun] => run(&["rotate", "--resume", begun["run"].as_str().unwrap(), "--json", "--no-input"]),
        more => panic!("{point:?}: {more:?}"),
    };
    let account = account(world, handle, &done.stdout);
    let (cost, others) = account.cost(whole, 1);
    assert!(others.is_empty(), "{point:?}: {others:#?}");
    let session = handle.block_on(world.session());
    let truth = |token: &str| handle.block_on(world.truth(token));
    Confirmed::default().hold(&account, &session, truth);
    let logins = truth("").unwrap()[world.server.url()]["oidc"]["logins"].as_u64().unwrap();
    assert!(logins <= 1 + account.begun_logins(), "{point:?}: {logins} logins: {account}");
    if cost == Cost::Refresh {
        let lost = truth(account.old_refresh().unwrap()).unwrap();
        assert_eq!(lost["refreshes"], 1, "{point:?}: the server has not performed it: {account}");
    }
    match (runs.is_empty(), cost) {
        _ if matches!(end, End::Exited(..)) => "ended by itself",
        (true, _) => "before the run was written down",
        (_, Cost::Nothing) => "as without a kill",
        (_, Cost::Login) => "with a login cut off",
        (_, Cost::Refresh) => "with the refresh cut off, told to log in",
        (_, Cost::Logins | Cost::Requests) => panic!("{point:?}: one kill costs no more than one attempt: {account}"),
    }
}

fn account(world: &World, handle: &Handle, receipt: &[u8]) -> Account {
    let receipt: Value =
        serde_json::from_slice(receipt).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(receipt)));
    let record = tokio::task::block_in_place(|| handle.block_on(world.record()));
    Account::new(&receipt["profiles"][0], record.rotation)
}

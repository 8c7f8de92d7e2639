//! In panic the endings come first.

use super::*;

#[tokio::test]
async fn panic_ends_all_before_anyone_logs_in() {
    let world = World::new(Mode::Honest, ROTATION, 4).await;
    let receipt = world.rotate(Options { panic: true, ..Options::default() }, &Ear::new()).await;
    assert_eq!(receipt.totals.rotated, 4, "{}", receipt.markdown());
    assert_eq!(receipt.totals.dead, 8);
    let log = world.server.log();
    let last_end = log.iter().rposition(|line| line.starts_with("end")).unwrap();
    let logins: Vec<_> =
        log.iter().enumerate().skip(4).filter(|(_, line)| *line == "login").map(|(at, _)| at).collect();
    assert!(logins.len() == 4 && logins.iter().all(|at| *at > last_end), "{log:#?}");
}

/// A profile that has no way to a new session is proven by a live token of another one.
#[tokio::test]
async fn panic_needs_no_new_session() {
    const SOME: Rotation = Rotation {
        logins: &[LoginWay {
            when: Some(("client_id", &["robot"])),
            secrets: &[],
            pasted: None,
            person: false,
            kinship: Kinship::Separate,
        }],
        ..ROTATION
    };
    let mut world = World::new(Mode::Honest, SOME, 2).await;
    world.profiles[1].settings.insert("client_id".to_owned(), "robot".to_owned());
    world.session.login(&world.profiles[1], &NoInteraction).await.unwrap();
    let options = Options { panic: true, prove_for: 1, ..Options::default() };
    let mut receipt = world.rotate(options, &Ear::new()).await;
    assert_eq!(told(&receipt), "revoked: refresh unknown, access dead", "{}", receipt.markdown());
    assert!(receipt.profiles[0].left_to_do.contains(&"log in by hand".to_owned()));
    assert!(world.current().is_none(), "no session is left");
    receipt.profiles.remove(0);
    assert_eq!(told(&receipt), "rotated: refresh dead, access dead", "{}", receipt.markdown());
}

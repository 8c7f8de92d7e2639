//! The server has used the refresh token up, and its reply never arrives.

use tokscope::{auth::AuthError, demo::Refreshes};

use crate::race::client::{Told, logged_in};

/// A server with a grace period gives new tokens for the old one: the next start recovers.
pub(crate) async fn with_grace(times: usize) -> String {
    let (_folder, server, mut client) = logged_in(60).await;
    let mut recovered = 0;
    for _ in 0..times {
        let before = client.session.token_set(&client.profile("").name).unwrap().unwrap();
        let error = client.refresh_in_vain().await;
        assert!(matches!(error, AuthError::StateUnknown(_)), "{error:?}");
        client = client.restarted().await;
        assert_eq!(client.condition().in_flight.unwrap().attempts, 1, "the next start knows");
        let told = Told::default();
        let after = client.session.refresh(&client.profile(""), None, &told).await.unwrap();
        assert!(told.remarks().contains("state of the refresh token is unknown"), "{}", told.remarks());
        assert_ne!(before.generation(), after.generation());
        assert_eq!(client.condition(), Default::default());
        recovered += usize::from(client.works().await);
    }
    assert_eq!(recovered, times);
    assert_eq!(server.refreshes(), Refreshes { granted: 2 * times as u64, replayed: 0 });
    format!("{recovered} recovered")
}

/// A strict one refuses, once; then the user is told to log in, and nothing is sent any more.
pub(crate) async fn strict(times: usize) -> String {
    let (_folder, server, mut client) = logged_in(0).await;
    for time in 1..=times as u64 {
        client.refresh_in_vain().await;
        client = client.restarted().await;
        let error = client.refresh(None).await.unwrap_err();
        assert!(matches!(error, AuthError::Refused { credential_dead: true, .. }), "{error:?}");
        assert!(error.hint().unwrap().contains("log in again"), "{error:?}");
        let seen = Refreshes { granted: time, replayed: time };
        assert_eq!(server.refreshes(), seen);
        client = client.restarted().await;
        for _ in 0..3 {
            let error = client.refresh(None).await.unwrap_err();
            assert!(matches!(error, AuthError::Retired(_)), "{error:?}");
            assert_eq!(error.hint().as_deref(), Some("log in again"));
        }
        assert_eq!(server.refreshes(), seen, "nothing was sent");
        assert!(client.condition().retired.is_some() && client.condition().in_flight.is_none());
        client.login().await;
        assert_eq!(client.condition(), Default::default());
        assert!(client.works().await);
    }
    format!("{times} told to log in, {} replays", server.refreshes().replayed)
}

/// Where no reply ever comes, the token is sent once and once more, and then only when somebody asks for it.
pub(crate) async fn again_and_again() -> String {
    let (_folder, server, client) = logged_in(60).await;
    for _ in 0..2 {
        let error = client.refresh_in_vain().await;
        assert!(matches!(error, AuthError::StateUnknown(_)), "{error:?}");
    }
    for _ in 0..3 {
        let error = client.refresh_in_vain().await;
        assert!(matches!(error, AuthError::Unsettled(_)), "{error:?}");
    }
    assert_eq!(server.refreshes().granted, 2);
    format!("{} sent", server.refreshes().granted)
}

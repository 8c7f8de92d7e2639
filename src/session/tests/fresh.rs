//! A token with so much life left costs one refresh at most.

use chrono::TimeDelta;

use super::*;

fn raw(token_set: &TokenSet) -> String {
    token_set.tokens[0].raw.expose_secret().to_owned()
}

fn token(number: usize) -> String {
    format!("access-{number}")
}

/// Adopts an access token that lives so long from now on, beside a refresh token.
fn lasting(stage: &Stage, seconds: i64) {
    let mut tokens = set(7, true);
    tokens.tokens[0].expires_at = Some(clock::now() + TimeDelta::seconds(seconds));
    stage.session.adopt(&stage.profile.name, tokens).unwrap();
}

#[tokio::test]
async fn the_saved_token_is_fresh_as_long_as_it_lives_long_enough() {
    let stage = Stage::new(Puppet::default()).await;
    let fresh = async |min_ttl| {
        let fresh =
            stage.session.fresh(&stage.profile, &Demand::access(TimeDelta::seconds(min_ttl)), &NoInteraction).await;
        raw(&fresh.unwrap())
    };
    assert_eq!(fresh(86_400).await, token(0), "it has no expiry");
    lasting(&stage, 300);
    assert_eq!((fresh(200).await, stage.calls()), (token(7), 0));
    assert_eq!((fresh(900).await, stage.calls()), (token(7), 0), "it never lives so long");
    let mut worn = set(8, true);
    worn.received_at = clock::now() - TimeDelta::seconds(1_000);
    worn.tokens[0].expires_at = Some(clock::now() + TimeDelta::seconds(100));
    stage.session.adopt(&stage.profile.name, worn).unwrap();
    assert_eq!((fresh(50).await, stage.calls()), (token(8), 0));
    assert_eq!((fresh(200).await, stage.calls()), (token(1), 1));
}

#[tokio::test]
async fn many_that_ask_cost_one_refresh() {
    let stage = Stage::new(Puppet::default()).await;
    let mut worn = set(8, true);
    worn.tokens[0].expires_at = Some(clock::now() - TimeDelta::seconds(1));
    stage.session.adopt(&stage.profile.name, worn).unwrap();
    let asked = Arc::new(Notify::new());
    *stage.puppet.hangs.lock().unwrap() = Some(Arc::clone(&asked));
    let demand = Demand::access(TimeDelta::seconds(60));
    let ask = || stage.session.fresh(&stage.profile, &demand, &NoInteraction);
    let answer = async {
        asked.notified().await;
        stage.puppet.answer.notify_one();
    };
    let (a, b, c, d, ()) = tokio::join!(ask(), ask(), ask(), ask(), answer);
    for got in [a, b, c, d] {
        assert_eq!(raw(&got.unwrap()), token(1));
    }
    assert_eq!(stage.calls(), 1);
}

#[tokio::test]
async fn without_a_token_there_is_nothing_fresh() {
    let stage = Stage::new(Puppet::default()).await;
    stage.session.forget(&stage.profile.name).unwrap();
    let demand = Demand::access(TimeDelta::zero());
    let error = stage.session.fresh(&stage.profile, &demand, &NoInteraction).await.unwrap_err();
    assert_eq!((error.to_string().as_str(), stage.calls()), ("profile strings has no tokens", 0));
}

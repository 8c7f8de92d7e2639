//! Tokens go where they came from.

use super::*;

/// Answers each question with this, and notes it.
struct Answers(&'static str, Mutex<Vec<String>>);

#[async_trait]
impl Interaction for Answers {
    fn report(&self, _: Progress) {}
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        assert!(!prompt.secret);
        self.1.lock().unwrap().push(format!("{}\n{}", prompt.help, prompt.label));
        Ok(self.0.into())
    }
}

fn answers(answer: &'static str) -> Answers {
    Answers(answer, Mutex::default())
}

impl Stage {
    /// Logged in at `https://one.example`, as the client `a`.
    async fn at_one() -> Self {
        let mut stage = Self::new(Puppet::default()).await;
        stage.set("url", "https://one.example/base");
        stage.set("client_id", "a");
        stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
        stage
    }

    fn set(&mut self, key: &str, text: &str) {
        self.profile.settings.insert(key.to_owned(), text.to_owned());
    }

    /// What each use says of tokens of another issuer.
    async fn uses(&self, user: &dyn Interaction) -> [Result<(), AuthError>; 3] {
        [
            self.session.probe(&self.profile, user).await.map(drop),
            self.session.refresh(&self.profile, None, user).await.map(drop),
            self.session.revoke(&self.profile, Wanted::Current, user).await.map(drop),
        ]
    }
}

#[tokio::test]
async fn where_the_profile_names_another_server_or_client_nothing_is_sent_unasked() {
    for (key, text, said, other) in [
        (
            "url",
            "https://two.example/base",
            "https://one.example (client a); the profile now names https://two.example",
            "https://two.example",
        ),
        ("url", "http://one.example/base", "http://one.example (client a)", "http://one.example"),
        ("url", "https://one.example:8443", "https://one.example:8443", "https://one.example:8443"),
        ("client_id", "b", "https://one.example (client b)", "the client b"),
    ] {
        let mut stage = Stage::at_one().await;
        stage.set(key, text);
        for refused in stage.uses(&NoInteraction).await {
            let error = refused.unwrap_err();
            let words = format!("{error}; {}", error.hint().unwrap());
            assert!(words.contains(said) && words.contains("nothing was sent"), "{words}");
            assert!(words.contains("tokscope login strings"), "{words}");
        }
        let no = answers("no");
        for refused in stage.uses(&no).await {
            assert_eq!(refused.unwrap_err(), AuthError::Cancelled);
        }
        let asked = no.1.lock().unwrap().clone();
        assert!(asked.len() == 3 && asked[0].ends_with(&format!("Send the tokens to {other}? yes or no")), "{asked:?}");
        assert_eq!(stage.calls(), 0, "nothing was sent");
    }
}

#[tokio::test]
async fn a_yes_counts_for_the_refresh_and_what_it_brings() {
    let mut stage = Stage::at_one().await;
    stage.set("url", "https://two.example");
    stage.session.refresh(&stage.profile, None, &answers("yes")).await.unwrap();
    stage.session.refresh(&stage.profile, None, &NoInteraction).await.unwrap();
    assert_eq!(stage.calls(), 2, "the new tokens are of the new server");
    stage.set("url", "https://one.example");
    assert!(stage.session.refresh(&stage.profile, None, &NoInteraction).await.is_err());
    stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
    stage.session.refresh(&stage.profile, None, &NoInteraction).await.unwrap();
}

#[tokio::test]
async fn what_is_no_other_server_is_not_asked_about() {
    let mut stage = Stage::at_one().await;
    stage.set("url", "https://one.example:443/another/path");
    stage.session.refresh(&stage.profile, None, &NoInteraction).await.unwrap();
    // A page to try the token on is another place for a probe, and for nothing else.
    stage.set("probe_url", "https://api.example/me");
    stage.session.refresh(&stage.profile, None, &NoInteraction).await.unwrap();
    let refused = stage.session.probe(&stage.profile, &NoInteraction).await.unwrap_err();
    assert!(refused.to_string().contains("https://api.example"), "{refused}");
}

#[tokio::test]
async fn tokens_of_which_nobody_noted_the_issuer_get_it_at_their_first_use() {
    let mut stage = Stage::at_one().await;
    stage.session.adopt(&stage.profile.name, set(7, true)).unwrap();
    stage.set("url", "https://two.example");
    stage.session.refresh(&stage.profile, None, &NoInteraction).await.unwrap();
    stage.set("url", "https://three.example");
    assert!(stage.session.refresh(&stage.profile, None, &NoInteraction).await.is_err());
}

#[tokio::test]
async fn a_remembered_secret_is_not_for_another_server() {
    let mut stage = Stage::at_one().await;
    stage.set("password", "prompt");
    stage.set("remember_secrets", "true");
    stage.session.login(&stage.profile, &answers_secretly("marker")).await.unwrap();
    stage.session.login(&stage.profile, &NoInteraction).await.unwrap();
    stage.set("url", "https://two.example");
    stage.session.login(&stage.profile, &NoInteraction).await.unwrap_err();
    assert_eq!(stage.puppet.passwords.lock().unwrap().len(), 2, "the other server was told nothing");
}

/// Types this at each question.
fn answers_secretly(answer: &'static str) -> impl Interaction {
    struct Typist(&'static str);
    #[async_trait]
    impl Interaction for Typist {
        fn report(&self, _: Progress) {}
        async fn ask(&self, _: Prompt) -> Result<SecretString, AuthError> {
            Ok(self.0.into())
        }
    }
    Typist(answer)
}

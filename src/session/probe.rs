//! Whether a server accepts a token right now: the current one, or one of an old generation.

use url::Url;

use super::{Caller, Session, no_tokens, origin::Use};
use crate::{
    auth::{
        Acceptance, AuthError, Context, Interaction, IssuedToken, ProbeVerdict, Progress, Scheme, Settings, TokenKind,
        TokenSet, Unasked,
    },
    clock,
    http::Request,
    oauth::resource,
    profile::{Profile, ProfileName},
    secret::{ExposeSecret as _, Fingerprint},
    store::vault::{IssuedBy, Observation, OldToken, Record},
    token::{Form, Token},
};

/// Where a token may be tried instead of at the provider's own "who am I": the service's own API.
const PAGE: &str = "probe_url";

impl Session {
    /// Asks whether the saved access token is accepted right now: the profile's `probe_url`, or else the system's own
    /// "who am I". Asks only where the profile names another server now.
    pub async fn probe(&self, profile: &Profile, interaction: &dyn Interaction) -> Result<ProbeVerdict, AuthError> {
        self.try_out(profile, None, interaction).await
    }

    /// The same of any token that is kept of the profile. What the server says about one that a revocation tried to end, or of
    /// an old generation, is noted, and drops the generation where it proves that nothing of it is alive.
    pub async fn probe_token(
        &self,
        profile: &Profile,
        token: Fingerprint,
        interaction: &dyn Interaction,
    ) -> Result<ProbeVerdict, AuthError> {
        self.try_out(profile, Some(token), interaction).await
    }

    async fn try_out(
        &self,
        profile: &Profile,
        wanted: Option<Fingerprint>,
        interaction: &dyn Interaction,
    ) -> Result<ProbeVerdict, AuthError> {
        let call = self.call(profile)?;
        let record = self.vault.read(&profile.name)?.unwrap_or_default();
        let (token, issued_by) = find(&profile.name, &record, wanted)?;
        self.agree(profile, &call.settings, Use::Probe, issued_by.as_ref(), interaction).await?;
        let verdict = self.verdict(&call, &token, interaction).await?;
        let of = token.fingerprint();
        if record.is_current(of) && !record.evidence(of).is_revoked() {
            return Ok(verdict);
        }
        if let Some(note) = note(&call.settings, &token, &verdict) {
            let mut entry = self.vault.hold_noting(&profile.name, call.patience()).await?;
            let now = note.at;
            let known = entry.record.evidence.entry(of).or_default();
            match verdict.acceptance {
                Acceptance::Accepted => known.accepted = Some(note),
                _ => known.refused = Some(note),
            }
            entry.record.tidy(now);
            entry.save()?;
        }
        Ok(verdict)
    }

    async fn verdict(
        &self,
        call: &Caller,
        token: &IssuedToken,
        interaction: &dyn Interaction,
    ) -> Result<ProbeVerdict, AuthError> {
        let unasked = Unasked(interaction);
        let cx = self.context(call, &unasked);
        match call.settings.lookup(PAGE) {
            Some(_) => self.present(call, token, &cx).await,
            None => call.provider.probe(&call.settings, token, &cx).await,
        }
    }

    /// Shows a token to an API: the profile's `probe_url`, or else the system's own.
    pub(super) async fn present(
        &self,
        call: &Caller,
        token: &IssuedToken,
        cx: &Context<'_>,
    ) -> Result<ProbeVerdict, AuthError> {
        let Some(page) = call.settings.lookup(PAGE) else {
            return call.provider.present(&call.settings, token, cx).await;
        };
        let page = Url::parse(page).expect("Settings::parse checks URLs");
        cx.interaction.report(Progress::Contacting(page.authority().to_owned()));
        let scheme = presented(&call.settings, token)?;
        let request = Request::get(page).authorization(scheme.as_str(), &token.raw);
        resource::verdict_under(&call.http.send(request).await?, token, &scheme)
    }
}

/// The token that is meant, and who issued it.
fn find(
    profile: &ProfileName,
    record: &Record,
    wanted: Option<Fingerprint>,
) -> Result<(IssuedToken, Option<IssuedBy>), AuthError> {
    let current = |set: &TokenSet| match wanted {
        Some(wanted) => set.tokens.iter().find(|token| token.fingerprint() == wanted).cloned(),
        None => set.token(TokenKind::Access).or_else(|| set.token(TokenKind::Unknown)).cloned(),
    };
    if let Some(token) = record.token_set.as_ref().and_then(current) {
        return Ok((token, record.issued_by.clone()));
    }
    let Some(wanted) = wanted else {
        let what = if record.token_set.is_some() { "access token" } else { "tokens" };
        return Err(no_tokens(profile, what));
    };
    let mut old = record.generations.iter();
    let of = |token: &&OldToken| token.fingerprint == wanted;
    let found = old.find_map(|generation| Some((generation, generation.tokens.iter().find(of)?)));
    match found.map(|(generation, token)| (generation, token.issued())) {
        Some((generation, Some(token))) => Ok((token, generation.issued_by.clone())),
        Some((generation, None)) => Err(AuthError::unsupported(
            format!("of generation {} of {profile}, only fingerprints and expiry are kept", generation.number),
            "tokscope keeps the tokens of the 20 newest generations",
        )),
        None => Err(AuthError::setting(
            format!("profile {profile} has no token {wanted}"),
            format!("`tokscope history {profile}` lists what is kept"),
        )),
    }
}

/// What the server's answer is worth about a token that should be dead. An authorization server's word does not make a JWT
/// dead: services check it without asking. Neither does a statement without a refusal: some call live tokens inactive.
fn note(settings: &Settings, token: &IssuedToken, verdict: &ProbeVerdict) -> Option<Observation> {
    let signed = || matches!(Token::inspect(token.raw.expose_secret()).form(), Form::Jws(_));
    let proves = match verdict.acceptance {
        Acceptance::Accepted => true,
        Acceptance::Rejected => (400..500).contains(&verdict.status) && (settings.lookup(PAGE).is_some() || !signed()),
        Acceptance::Unclear => false,
    };
    let (at, status, words) = (clock::now(), Some(verdict.status), verdict.detail.clone());
    proves.then_some(Observation { at, status, words })
}

/// The scheme under which a token goes to an API: the profile's, or else its own.
pub(super) fn presented(settings: &Settings, token: &IssuedToken) -> Result<Scheme, AuthError> {
    match settings.lookup("scheme") {
        Some(scheme) => Scheme::new(scheme).ok_or_else(|| {
            AuthError::setting("scheme is not an authentication scheme", "write one word, such as Bearer or JWT")
        }),
        None => Ok(token.scheme.clone()),
    }
}

//! `tokscope verify`.

mod encrypted;
mod remembered;

use std::io::{self, Write as _};

use chrono::SubsecRound as _;
use serde_json::{Value, json};

use self::encrypted::Opened;
use super::{
    Failure, Place, Verdict,
    decode::parse_time,
    decryption,
    input::Source,
    keys,
    style::{Role, Style, When},
};
use crate::{
    clock::{self, Timestamp},
    secret::ExposeSecret as _,
    text::visible,
    token::{
        Token,
        json::Json,
        verify::{
            self, Expectations, Outcome, Step, Verdict as Word, Verification,
            algorithm::Algorithm,
            checklist,
            keys::{Entry, KeySet},
            policy::Policy,
        },
    },
};

const AFTER_HELP: &str = "\
Nothing leaves the machine but for --jwks, --discover, and a profile that remembers a URL: what is fetched is said on
standard error, and the token is not sent. Keys that a token brings along or points to (jwk, jku, x5c, x5u) are never
used. Of a certificate only the key counts: who signed it, and until when it is good, is not looked at.
A JWE is decrypted first, and the token inside is verified: give both keys.

The verdict is one of five:
  valid              one of the keys made the signature
  invalid signature  none of the keys that fit made it
  not verified       there is no key for it
  cannot verify      not supported, or not safe: alg none, unknown crit, a key too short …
  malformed          no JWS
What the claims say is on lines of its own: an expired token can have a valid signature.

--json prints one object, and these keys are always there:
  accepted   true if the verdict is valid and no check failed
  verdict    one of the five words
  reason     {why, fix, source} of \"cannot verify\" and \"malformed\", else null
  alg, kid   of the header, else null
  key        the name of the key that made the signature, else null
  now        the time that the checks went by
  leeway     in seconds
  checks     [{check, outcome: \"passed\" | \"failed\" | \"not checked\", text, fix}]: shape, algorithm, key,
             signature, exp, nbf, iat, iss, aud, typ, scope, in this order
  warnings   what was let pass on request
  keys       [{name, kid, error}] of all keys given; error is null for one that can be used
  decryption null, or {verdict, reason, key, checks, cautions} of a JWE, as `tokscope decode --help` has it

Exit code: 0 accepted; 1 not; 2 trouble, such as a key file that holds no key.";

/// The arguments of `tokscope verify`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Verify {
    /// A token, @FILE, or - for standard input; left out: what is piped in. A token in an argument is visible in
    /// `ps`: prefer standard input
    #[arg(value_name = "TOKEN|@FILE|-")]
    pub token: Option<Source>,

    #[command(flatten)]
    keys: keys::Options,

    #[command(flatten)]
    remembered: remembered::Remembered,

    /// Accept only this algorithm; may be given more than once [default: whatever fits the key]
    #[arg(long, value_name = "ALG", value_parser = parse_algorithm)]
    pub alg: Vec<&'static Algorithm>,

    /// Expect this audience; of several, one must be in `aud`
    #[arg(long, value_name = "AUDIENCE")]
    pub aud: Vec<String>,

    /// Expect this issuer; of several, one must be `iss`
    #[arg(long, value_name = "ISSUER")]
    pub iss: Vec<String>,

    /// Expect this `typ` in the header, as `at+jwt`
    #[arg(long, value_name = "TYPE")]
    pub typ: Option<String>,

    /// Expect this scope; of several, all must be granted
    #[arg(long, value_name = "SCOPE")]
    pub scope: Vec<String>,

    /// Let clocks differ by so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub leeway: u32,

    /// Pretend that it is this late: RFC 3339, Unix seconds, or a span from now, as +2h or -1d
    #[arg(long, value_name = "TIME", value_parser = parse_time, allow_negative_numbers = true)]
    pub now: Option<Timestamp>,

    /// Use a secret that is shorter than the hash all the same (RFC 7518 §3.2 forbids it)
    #[arg(long)]
    pub allow_weak_key: bool,

    /// Try every key that fits, whatever its `kid`
    #[arg(long)]
    pub ignore_kid: bool,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = When::Auto)]
    pub color: When,
}

/// Runs it, on standard input and output. The profiles are in their place.
pub fn run(arguments: &Verify, place: &Place) -> Result<Verdict, Failure> {
    let source = match &arguments.token {
        Some(source) => source.clone(),
        None => Source::piped()?,
    };
    let token = Token::inspect(source.read()?.expose_secret());
    if !token.is_plausible() {
        return Err(Failure::new(format!("{source} holds no token"))
            .hint("a JWT is three segments of base64url with dots between them; a file is named as @FILE"));
    }
    let given = arguments.keys.read()?;
    let opened = Opened::new(token, &given)?;
    let token = opened.signed();
    let remembered::Found { keys: found, audience, issuer, remark } = arguments.remembered.read(token, place)?;
    let mut keys = given.verification()?;
    keys.append(found);
    let policy = Policy {
        algorithms: arguments.alg.clone(),
        allow_weak_key: arguments.allow_weak_key,
        ignore_kid: arguments.ignore_kid,
    };
    let expected = Expectations {
        now: arguments.now.unwrap_or_else(clock::now),
        leeway: arguments.leeway,
        audiences: or_else(&arguments.aud, audience),
        issuers: or_else(&arguments.iss, issuer),
        typ: arguments.typ.clone(),
        scopes: arguments.scope.iter().flat_map(|scope| scope.split_whitespace()).map(str::to_owned).collect(),
    };
    let verification = opened.explain(verify::verify(token, &keys, &policy));
    let steps = checklist(token, &verification, &expected);
    let accepted =
        verification.verdict == Word::Valid && !steps.iter().any(|step| matches!(step.outcome, Outcome::Failed { .. }));
    let mut warnings = warnings(&verification, &keys);
    warnings.extend(arguments.keys.warning().map(str::to_owned));
    warnings.extend(remark);
    let out = if arguments.json {
        let keys: Vec<_> = (keys.entries().iter())
            .map(|entry| json!({"name": entry.name, "kid": entry.kid, "error": entry.key.as_ref().err()}))
            .collect();
        let reason = verification.verdict.reason();
        let object = json!({
            "accepted": accepted,
            "verdict": verification.verdict.as_str(),
            "reason": reason.map(|reason| json!({"why": reason.why, "fix": reason.fix, "source": reason.source})),
            "alg": token.alg(),
            "kid": token.kid(),
            "key": verification.key,
            "now": clock::utc(expected.now.trunc_subsecs(0)),
            "leeway": expected.leeway,
            "checks": steps.iter().map(check).collect::<Vec<_>>(),
            "warnings": warnings,
            "keys": keys,
            "decryption": opened.decryption().map(decryption::value),
        });
        Json::parse(object.to_string()).pretty(0) + "\n"
    } else {
        let style = Style::stdout(arguments.color);
        opened.line(style)
            + &report(&verification, &steps, &expected, style)
            + &remarks(&verification, &keys, &warnings, style)
    };
    let mut stdout = io::stdout().lock();
    stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| Failure::output(&error))?;
    Ok(if accepted { Verdict::Yes } else { Verdict::No })
}

/// What the arguments say, and only where they say nothing what the profile or the discovery does.
fn or_else(given: &[String], other: Option<String>) -> Vec<String> {
    if given.is_empty() { other.into_iter().collect() } else { given.to_vec() }
}

fn warnings(verification: &Verification, keys: &KeySet) -> Vec<String> {
    let waived = verification.waived.iter().map(|reason| match reason.source {
        Some(source) => format!("let pass on request: {} ({source})", reason.why),
        None => format!("let pass on request: {}", reason.why),
    });
    let twice = keys.duplicate_kids().into_iter().map(|kid| format!("more than one key has the kid {kid}"));
    waived.chain(twice).collect()
}

pub(super) fn check(step: &Step) -> Value {
    let (outcome, text, fix) = match &step.outcome {
        Outcome::Passed(what) => ("passed", what, None),
        Outcome::Failed { why, fix } => ("failed", why, Some(fix)),
        Outcome::NotChecked(why) => ("not checked", why, None),
    };
    json!({"check": step.name, "outcome": outcome, "text": text, "fix": fix})
}

/// The checklist for people.
fn report(verification: &Verification, steps: &[Step], expected: &Expectations, style: Style) -> String {
    let verdict = &verification.verdict;
    let role = match verdict {
        Word::Valid => Role::Good,
        Word::InvalidSignature | Word::Malformed(_) => Role::Bad,
        Word::NotVerified | Word::CannotVerify(_) => Role::Warning,
    };
    let clock = format!("at {}, leeway {}s", clock::utc(expected.now.trunc_subsecs(0)), expected.leeway);
    let mut lines = vec![format!("{}  {}", style.paint(role, verdict.as_str()), style.paint(Role::Quiet, clock))];
    lines.push(String::new());
    for Step { name, outcome } in steps {
        let (role, mark, text) = match outcome {
            Outcome::Passed(what) => (Role::Good, "passed", what),
            Outcome::Failed { why, .. } => (Role::Bad, "failed", why),
            Outcome::NotChecked(why) => (Role::Quiet, "not checked", why),
        };
        let (mark, name) = (style.paint(role, format!("{mark:<11}")), style.paint(Role::Name, format!("{name:<9}")));
        // The step that the verdict hangs on says which rule it goes by.
        let reason = verdict.reason().filter(|reason| reason.why == *text);
        let source = reason.and_then(|reason| reason.source).map(|source| format!(" ({source})"));
        lines.push(format!("  {mark}  {name}  {}{}", visible(text), source.unwrap_or_default()));
        if let Outcome::Failed { fix, .. } = outcome {
            lines.push(format!("{:26}{}", "", style.paint(Role::Quiet, visible(fix))));
        }
    }
    lines.join("\n") + "\n"
}

/// What stands below the checklist: warnings, and, unless a key was found, those that cannot be used.
fn remarks(verification: &Verification, keys: &KeySet, warnings: &[String], style: Style) -> String {
    let unusable = |entry: &Entry| Some(format!("{} cannot be used: {}", entry.name, entry.key.as_ref().err()?));
    let odd: Vec<_> = match verification.key {
        Some(_) => Vec::new(),
        None => keys.entries().iter().filter_map(unusable).collect(),
    };
    let line = |role, word: &str, text: &str| format!("{}  {}\n", style.paint(role, word), visible(text));
    let warnings = warnings.iter().map(|warning| line(Role::Warning, "warning", warning));
    let lines: String = warnings.chain(odd.iter().map(|text| line(Role::Quiet, "note   ", text))).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

fn parse_algorithm(name: &str) -> Result<&'static Algorithm, String> {
    Algorithm::named(name).ok_or_else(|| {
        let known: Vec<_> = Algorithm::all().iter().map(|algorithm| algorithm.name).collect();
        format!("known are {}", known.join(", "))
    })
}

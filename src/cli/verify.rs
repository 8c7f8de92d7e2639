//! `tokscope verify`.

mod case;
mod encrypted;
mod remembered;
mod report;

use self::{
    case::{Case, is_accepted},
    encrypted::OpenedToken,
};
use super::{
    Exit, Failure, GlobalOptions,
    input::{Source, time},
    key_options, output,
    style::{Role, Style, When},
};
use crate::{
    clock::{self, Timestamp},
    secret::ExposeSecret as _,
    token::{
        Form, Token,
        detect::{Found, detect},
        verify::{self, Expectations, Verdict, algorithm::Algorithm, policy::Policy, serialization::Serialized},
    },
};

const AFTER_HELP: &str = "\
Nothing leaves the machine except with --jwks, --discover, or a profile that
has a URL as its key: standard error names what is fetched, and the token is
not sent. Keys that a token contains or points to (jwk, jku, x5c, x5u) are
never used. Only the key of a certificate is used: its issuer and validity are
not checked. A JWE is decrypted first, and the token inside is verified: give
both keys.

The verdict is one of five:
  valid              one of the keys made the signature
  invalid signature  none of the keys that fit made it
  not verified       no key for it
  cannot verify      not supported, or not safe: alg none, unknown crit, a key
                     too short …
  malformed          not a JWS
The claims are checked on separate lines: an expired token can have a valid
signature. So can a token that servers reject in the form given: with extra
whitespace or dots, a duplicate claim, a payload that is not a JSON object, or
a disclosure that the issuer did not sign.

--json prints one object. These keys are always present:
  accepted   true if the verdict is valid and no check failed
  verdict    one of the five words
  reason     {why, fix, source} of \"cannot verify\" and \"malformed\", else null
  alg, kid   of the header, else null
  key        the name of the key that made the signature, else null
  now        the time that the checks used
  leeway     in seconds
  checks     [{check, outcome: \"passed\" | \"failed\" | \"not checked\", text,
             fix}]: shape, algorithm, key, signature, text, payload, of an
             SD-JWT disclosed and binding, exp, nbf, iat, iss, aud, typ,
             scope, in this order
  warnings   what was allowed by option, and what other servers may reject
  keys       [{name, kid, error}] of all keys given; error is null for one that
             can be used
  decryption null, or {verdict, reason, key, checks, cautions} of a JWE; see
             `tokscope decode --help`

A JWS may also be in JSON serialization, general or flattened. Each of several
signatures is reported, in --json as
{\"accepted\", \"signatures\": [such objects]}; one accepted signature is enough, but none may be invalid.

Exit code: 0 accepted; 1 not; 2 error, such as a key file without a key.";

/// The arguments of `tokscope verify`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Verify {
    /// A token, @FILE, or - for standard input; default: piped input. A token in an argument is visible in
    /// `ps`: prefer standard input
    #[arg(value_name = "TOKEN|@FILE|-")]
    pub token: Option<Source>,

    /// The exact payload of a detached signature: @FILE, or - for standard input
    #[arg(long, value_name = "@FILE|-")]
    pub payload: Option<Source>,

    #[command(flatten)]
    keys: key_options::Options,

    #[command(flatten)]
    remembered: remembered::Remembered,

    /// Accept only this algorithm; may be given more than once [default: any that fits the key]
    #[arg(long, value_name = "ALG", value_parser = parse_algorithm)]
    pub alg: Vec<&'static Algorithm>,

    /// Expect this audience; of several, one must be in `aud`, or be the `client_id` of a token without `aud`
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

    /// Allowed clock difference, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub leeway: u32,

    /// Use this time as now: RFC 3339, Unix seconds, or words such as +2h, fri 9:00, 2026-12-01
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub now: Option<Timestamp>,

    /// Accept a secret shorter than the hash (RFC 7518 §3.2 forbids it)
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
pub fn run(arguments: &Verify, place: &GlobalOptions) -> Result<Exit, Failure> {
    let source = match &arguments.token {
        Some(source) => source.clone(),
        None => Source::piped()?,
    };
    if let (Source::Stdin, Some(Source::Stdin)) = (&source, &arguments.payload) {
        return Err(Failure::new("token and payload cannot both come from standard input").hint("give a file as @FILE"));
    }
    let text = source.read()?;
    let payload = arguments.payload.as_ref().map(Source::bytes).transpose()?;
    let given = arguments.keys.read()?;
    let (signatures, compact, which) = match Serialized::read(text.expose_secret()) {
        Some(Ok(serialized)) => (serialized.signatures, None, None),
        Some(Err(reason)) => return Err(Failure::new(reason.why).hint(reason.fix)),
        None => {
            let (token, which) = one(&source, text.expose_secret())?;
            (Vec::new(), Some(OpenedToken::new(token, &given)?), which)
        }
    };
    let first = compact.as_ref().map(OpenedToken::signed).or(signatures.first().map(|signature| &signature.token));
    let remembered::RememberedKeys { keys: found, audience, issuer, remark } =
        arguments.remembered.read(first, place)?;
    let mut keys = given.verification()?;
    keys.append(found);
    let policy = Policy {
        algorithms: arguments.alg.clone(),
        allow_weak_key: arguments.allow_weak_key,
        ignore_kid: arguments.ignore_kid,
    };
    let expected = arguments.expectations(audience, issuer);
    let mut cases = Vec::new();
    for signature in signatures {
        let verification = signature.verify(payload.as_deref(), &keys, &policy);
        let opened = OpenedToken::new(signature.token, &given)?;
        cases.push(Case::new(opened, verification, payload.as_deref(), &signature.unprotected, &keys, &expected));
    }
    if let Some(opened) = compact {
        let with = |opened: &OpenedToken| match &payload {
            Some(payload) => verify::verify_detached(opened.signed(), payload, &keys, &policy),
            None => opened.explain(verify::verify(opened.signed(), &keys, &policy)),
        };
        let (mut opened, mut verification) = (opened, None);
        // A blank in the signature looks like the end of the token, until the signature fits without it.
        if let Some(joined) = verify::joined(opened.outer(), text.expose_secret()) {
            let joined = OpenedToken::new(joined, &given)?;
            verification = Some(with(&joined)).filter(|joined| joined.verdict == Verdict::Valid);
            opened = if verification.is_some() { joined } else { opened };
        }
        let verification = verification.unwrap_or_else(|| with(&opened));
        let verification = verification.of_text(verify::as_it_came(opened.outer(), text.expose_secret()));
        cases.push(Case::new(opened, verification, payload.as_deref(), &[], &keys, &expected));
    }
    for case in &mut cases {
        case.warnings.extend(arguments.keys.warning().map(str::to_owned));
        case.warnings.extend(remark.iter().chain(&which).cloned());
    }
    let accepted = is_accepted(&cases);
    if arguments.json {
        output::print_json(&report::Verified::of(&cases, accepted, &keys, &expected))?;
    } else {
        let style = Style::stdout(arguments.color);
        let (count, mut out) = (cases.len(), String::new());
        for (case, number) in cases.iter().zip(1..) {
            if count > 1 {
                let gap = if number > 1 { "\n" } else { "" };
                let title = style.paint(Role::Title, format_args!("signature {number} of {count}")).to_string();
                out += &format!("{gap}{title}\n");
            }
            out += &case.opened.line(style);
            out += &report::checklist(&case.verification, &case.steps, &expected, style);
            out += &report::remarks(&case.verification, &keys, &case.warnings, style);
        }
        output::print(&out)?;
    }
    Ok(if accepted { Exit::Yes } else { Exit::No })
}

/// The token of a text that holds one and no JSON serialization; of several the first that is no opaque one, and a remark
/// that says which.
fn one(source: &Source, text: &str) -> Result<(Token, Option<String>), Failure> {
    let found = detect(text);
    let tokens = || found.iter().map(|found| (found, found.inspect()));
    let first = tokens().find(|(_, token)| !matches!(token.form(), Form::Opaque)).or_else(|| tokens().next());
    let several = |found: &Found, count: usize| {
        let place = found.place.as_deref().unwrap_or("its start");
        format!("the text contains {count} tokens; this verifies the one from {place}")
    };
    match first {
        Some((at, token)) => Ok((token, (found.len() > 1).then(|| several(at, found.len())))),
        None => {
            let token = Some(Token::inspect(text)).filter(Token::is_plausible);
            token.map(|token| (token, None)).ok_or_else(|| {
                Failure::new(format!("no token in {source}"))
                    .hint("a JWT is three base64url segments separated by dots; a file is given as @FILE")
            })
        }
    }
}

/// What the arguments say, and only where they say nothing what the profile or the discovery does.
fn or_else(given: &[String], other: Option<String>) -> Vec<String> {
    if given.is_empty() { other.into_iter().collect() } else { given.to_vec() }
}

impl Verify {
    /// What the arguments ask for; what a profile or the discovery says where they say nothing.
    fn expectations(&self, audience: Option<String>, issuer: Option<String>) -> Expectations {
        Expectations {
            now: self.now.unwrap_or_else(clock::now),
            leeway: self.leeway,
            audiences: or_else(&self.aud, audience),
            issuers: or_else(&self.iss, issuer),
            typ: self.typ.clone(),
            scopes: self.scope.iter().flat_map(|scope| scope.split_whitespace()).map(str::to_owned).collect(),
        }
    }
}

fn parse_algorithm(name: &str) -> Result<&'static Algorithm, String> {
    Algorithm::named(name).ok_or_else(|| {
        let known: Vec<_> = Algorithm::all().iter().map(|algorithm| algorithm.name).collect();
        format!("use one of {}", known.join(", "))
    })
}

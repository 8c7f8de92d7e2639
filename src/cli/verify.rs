//! `tokscope verify`.

mod case;
mod encrypted;
mod presented;
mod remembered;
mod report;

pub(super) use self::report::Verified;
use self::{
    case::is_accepted,
    presented::{Against, Presented},
};
use super::{Exit, Failure, GlobalOptions, input::Source, key_options, output, style::Style, times::Now};
use crate::{
    secret::ExposeSecret as _,
    token::verify::{Expectations, algorithm::Algorithm, policy::Policy},
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
    #[arg(long, value_name = "ALG", value_parser = key_options::algorithm)]
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

    #[command(flatten)]
    now: Now,

    /// Accept a secret shorter than the hash (RFC 7518 §3.2 forbids it)
    #[arg(long)]
    pub allow_weak_key: bool,

    /// Try every key that fits, whatever its `kid`
    #[arg(long)]
    pub ignore_kid: bool,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// Runs it, on standard input and output. The profiles are in their place.
pub fn run(arguments: &Verify, place: &GlobalOptions) -> Result<Exit, Failure> {
    let source = Source::or_piped(arguments.token.as_ref())?;
    arguments.payload.iter().try_for_each(|payload| source.apart(payload))?;
    let text = source.read()?;
    let payload = arguments.payload.as_ref().map(Source::bytes).transpose()?;
    let given = arguments.keys.read()?;
    let presented = Presented::read(&source, text.expose_secret(), &given)?;
    let found = arguments.remembered.read(presented.first(), place)?;
    let mut keys = given.verification()?;
    keys.append(found.keys);
    let against = Against {
        payload: payload.as_deref(),
        given: &given,
        keys: &keys,
        policy: Policy {
            algorithms: arguments.alg.clone(),
            allow_weak_key: arguments.allow_weak_key,
            ignore_kid: arguments.ignore_kid,
        },
        expected: arguments.expectations(found.audience, found.issuer),
        warnings: arguments.keys.warning().map(str::to_owned).into_iter().chain(found.remark).collect(),
    };
    let cases = presented.verify(&against)?;
    let accepted = is_accepted(&cases);
    match arguments.json {
        true => output::print_json(&report::Verified::of(&cases, accepted, &keys, &against.expected))?,
        false => output::print(&report::text(&cases, &keys, &against.expected, Style::stdout()))?,
    }
    Ok(if accepted { Exit::Yes } else { Exit::No })
}

impl Verify {
    /// What the arguments ask for; what a profile or the discovery says where they say nothing.
    fn expectations(&self, audience: Option<String>, issuer: Option<String>) -> Expectations {
        let or_else = |given: &[String], other: Option<String>| match given {
            [] => other.into_iter().collect(),
            given => given.to_vec(),
        };
        Expectations {
            now: self.now.get(),
            leeway: self.leeway,
            audiences: or_else(&self.aud, audience),
            issuers: or_else(&self.iss, issuer),
            typ: self.typ.clone(),
            scopes: self.scope.iter().flat_map(|scope| scope.split_whitespace()).map(str::to_owned).collect(),
        }
    }
}

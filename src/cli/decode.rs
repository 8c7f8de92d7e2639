//! `tokscope decode`.

use std::io;

use super::{
    Exit, Failure, input::Source, json::token::Decoded, key_options, lines, output, report::Report, style::Style,
    times::Now,
};
use crate::{
    clock::{Timestamp, Zone},
    secret::ExposeSecret as _,
    token::{
        Token,
        detect::Found,
        jwe::{DecryptionKeys, Layer, open},
        lifetime::Lifetime,
    },
};

const AFTER_HELP: &str = "\
Tokens are found in any text: headers, JSON, curl commands, cookies, URLs,
.env, YAML, logs, HTML, HAR; also in base64 and quoted-printable, in numbered
cookies, and in the caches of MSAL, AWS, Docker and Kubernetes.

--json prints one object. These keys are always present:
  place        where in the text the token was; null if the token was all of it
  purpose      \"access\", \"refresh\" or \"id\", according to its name, else null
  expires_at   the expiry that the text gives beside the token, else null
  form         \"jws\", \"jwe\" or \"opaque\"
  fingerprint  of an opaque token: the first 32 bits of its SHA-256, else null
  header       as written; null for an opaque token
  claims       as written, or their equivalent in another format (a macaroon's
               caveats); null if there are none
  payload      {bytes, text} of a payload that is not JSON, or of a public
               PASETO, else null
  signature    {alg, bytes, verification: \"not verified\"} of a JWS, else null
  times        {nbf, iat, exp}, each null or {raw, utc, seconds_left}
  state        \"valid-by-time\", \"expired\", \"not-yet-valid\" or \"unknown\"
  defects      [{code, place, text, byte}]: byte is the offset in the token,
               null if unknown
  format       \"SD-JWT\", \"PASETO v4.public\", \"macaroon\", \"CWT\" and the like,
               else null
  type         the kind of token that the header's typ names, such as
               \"DPoP proof\"; else null
  footer       of a PASETO, else null
  disclosures  [{name, value}] of an SD-JWT
  findings     [{code, severity, place, text, source}], most severe first:
               what an attacker can exploit or a server may reject
  decryption   of a JWE {verdict: \"decrypted\", \"wrong key\", \"no key\", \"cannot
               decrypt\" or \"malformed\", reason, key, checks, cautions,
               plaintext}, else null. reason: {why, fix, source} or null; key:
               the name of the key that decrypted it, or null; plaintext: null, or
               {bytes, kind: \"token\", \"json\", \"text\" or \"bytes\", json, text,
               times, state}
  nested       the token inside a decrypted JWE or a JWS: the same object
               without the first three keys, else null
Several tokens are printed as {\"tokens\": [...]}, each such an object.

--lines prints the keys from form to defects, one line per input line, at once
and in order; for a line that is not a token {\"line\": 7, \"error\": \"…\"}.

Exit code: 0 decoded; with --check 1 if any token is expired or not yet valid;
2 not a token, or error. --lines answers every line and exits with 0; with
--check it exits with 2 if a line was not a token.";

/// The arguments of `tokscope decode`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Decode {
    /// A token, @FILE, or - for standard input; default: piped input. A token in an argument is visible in
    /// `ps`: prefer standard input
    #[arg(value_name = "TOKEN|@FILE|-")]
    pub token: Option<Source>,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    keys: key_options::Options,

    /// Read one token per line from standard input; print one JSON object per line
    #[arg(long, conflicts_with_all = ["token", "key", "secret"])]
    pub lines: bool,

    /// Exit with 1 if the token is expired or not yet valid
    #[arg(long)]
    pub check: bool,

    #[command(flatten)]
    now: Now,
}

impl Decode {
    /// For people, without keys.
    pub fn of(source: Source) -> Self {
        Self { token: Some(source), ..Self::default() }
    }
}

/// Runs it, on standard input and output.
pub fn run(decode: &Decode) -> Result<Exit, Failure> {
    if decode.lines {
        Source::piped()?;
        let seen = lines::run(io::stdin(), io::stdout().lock(), decode.now.given)?;
        return match decode.check {
            true if seen.bad => Err(Failure::usage("not every line was a token")),
            true if seen.out_of_time => Ok(Exit::No),
            _ => Ok(Exit::Yes),
        };
    }
    let source = Source::or_piped(decode.token.as_ref())?;
    let tokens = source.tokens(source.read()?.expose_secret())?;
    let now = decode.now.get();
    let given = decode.keys.read()?;
    let keys = given.decryption()?;
    if decode.json {
        let opened: Vec<_> = tokens.iter().map(|(found, token)| (found, token, open(token, &keys))).collect();
        output::print_json(&Decoded::of(&opened, now))?;
    } else {
        let report = Report { keys: &keys, now, zone: Zone::System, style: Style::stdout() };
        let mut out = match &tokens[..] {
            [(found, token)] => report.of(found, token),
            _ => report.of_all(&tokens),
        };
        let idle = !keys.entries().is_empty() && !is_any_encrypted(&tokens, &keys);
        if idle {
            out.push_str("\nnote: nothing is encrypted, so no key was used; `tokscope verify` verifies signatures\n");
        }
        output::print(&out)?;
    }
    let out_of_time = decode.check && tokens.iter().any(|(found, token)| is_any_out_of_time(found, token, &keys, now));
    Ok(if out_of_time { Exit::No } else { Exit::Yes })
}

/// Whether anything in the tokens is encrypted.
fn is_any_encrypted(tokens: &[(Found, Token)], keys: &DecryptionKeys) -> bool {
    let is_jwe = |layer: &Layer| matches!(layer, Layer::Decryption(_));
    tokens.iter().any(|(_, token)| open(token, keys).iter().any(is_jwe))
}

/// What `--check` asks of a token and of those inside.
fn is_any_out_of_time(found: &Found, token: &Token, keys: &DecryptionKeys, now: Timestamp) -> bool {
    let mut all = vec![found.lifetime(token)];
    for layer in open(token, keys) {
        all.extend(layer.token().map(Token::lifetime));
        if let Layer::Decryption(decryption) = &layer
            && let Some(plaintext) = &decryption.plaintext
        {
            all.push(Lifetime::new(Some(&plaintext.dates), None, None));
        }
    }
    all.iter().any(|lifetime| lifetime.is_out_of_time(now))
}

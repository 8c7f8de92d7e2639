//! `tokscope encode`.

mod document;

use super::{
    Exit, Failure,
    input::Source,
    key_options,
    output::{print, tell},
    times::{Moment, Now},
};
use crate::token::{
    sign::{self, SignError},
    verify::{Reason, algorithm::Algorithm, policy::Policy},
};

const AFTER_HELP: &str = "\
Standard output is only the token. The claims are signed byte for byte as
written: order, digits, inner whitespace and duplicate members are kept; only
surrounding whitespace (such as a file's last line feed) is dropped. A value
set by an option (--exp, --kid …) replaces the member of that name, or is
added at the end.

Nothing leaves the machine. Keys come from files, the environment or a
program, never from an argument.

Times are RFC 3339, Unix seconds, `now`, or relative to now: +15m, -1h, +30s,
+7d, +2w.

  tokscope encode '{\"sub\":\"ada\"}' --alg HS256 --secret env:SECRET --iat now --exp +15m
  tokscope encode @claims.json --key private.pem --kid test-1 --typ at+jwt
  tokscope encode - --alg none < claims.json                  # anyone could
                                                              have created
                                                              this one
  tokscope encode @claims.json --key private.jwk | tokscope verify --key public.jwk

Exit code: 0 signed; 2 error, and standard output is empty.";

/// The arguments of `tokscope encode`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Encode {
    /// The claims as a JSON object: the text itself, @FILE, or - for standard input; default: piped input
    #[arg(value_name = "CLAIMS|@FILE|-")]
    pub claims: Option<Source>,

    /// The algorithm, or `none` for an unsecured token without a key [default: the key's own; HS256 for
    /// a secret, RS256 for an RSA key]
    #[arg(long, value_name = "ALG", value_parser = parse_alg)]
    pub alg: Option<Alg>,

    #[command(flatten)]
    keys: key_options::Options,

    /// The header's `kid`; empty for none [default: the key's own]
    #[arg(long, value_name = "KID")]
    pub kid: Option<String>,

    /// The header's `typ`; empty for none
    #[arg(long, value_name = "TYPE", default_value = "JWT")]
    pub typ: String,

    /// Another header parameter, as JSON: cty='"JWT"'. May be given more than once
    #[arg(long, value_name = "NAME=JSON", value_parser = document::parameter)]
    pub header: Vec<(String, String)>,

    /// Set `iat`
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, allow_hyphen_values = true)]
    pub iat: Option<Moment>,

    /// Set `nbf`
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, allow_hyphen_values = true)]
    pub nbf: Option<Moment>,

    /// Set `exp`
    #[arg(long, value_name = "TIME", value_parser = Moment::parse, allow_hyphen_values = true)]
    pub exp: Option<Moment>,

    #[command(flatten)]
    now: Now,

    /// Sign even with a secret shorter than the hash (RFC 7518 §3.2 forbids it)
    #[arg(long)]
    pub allow_weak_key: bool,
}

/// What signs.
#[derive(Debug, Clone, Copy)]
pub enum Alg {
    /// Nothing: an unsecured token.
    None,
    /// A key, with this algorithm.
    Signed(&'static Algorithm),
}

/// Runs it, on standard input and output.
pub fn run(encode: &Encode) -> Result<Exit, Failure> {
    let claims = encode.claims()?;
    let given = encode.keys.read()?;
    let token = if let Some(Alg::None) = encode.alg {
        if !given.is_empty() {
            return Err(Failure::usage("alg none does not take a key").hint("omit the key, or choose another --alg"));
        }
        sign::unsecured(&encode.header("none", None), &claims).map_err(refused)?
    } else {
        let keys = given.signing()?;
        let (entry, key) = keys.choose(encode.kid.as_deref()).map_err(refused)?;
        let algorithm = match encode.alg {
            Some(Alg::Signed(algorithm)) => algorithm,
            _ => sign::natural(key),
        };
        let policy = Policy { allow_weak_key: encode.allow_weak_key, ..Policy::default() };
        let header = encode.header(algorithm.name, entry.kid.as_deref());
        let signed = sign::sign(&header, &claims, &keys, &policy).map_err(refused)?;
        if let Some(reason) = &signed.waived {
            tell(&format!("warning: allowed by option: {} ({})", reason.why, reason.source.unwrap_or_default()));
        }
        signed.token
    };
    if let Some(warning) = encode.keys.warning() {
        tell(&format!("warning: {warning}"));
    }
    print(&(token + "\n"))?;
    Ok(Exit::Yes)
}

fn refused(error: SignError) -> Failure {
    match error {
        SignError::Refused(Reason { why, fix, source: Some(source) }) => {
            Failure::new(format!("{why} ({source})")).hint(fix)
        }
        error => error.into(),
    }
}

fn parse_alg(name: &str) -> Result<Alg, String> {
    if name == "none" { Ok(Alg::None) } else { key_options::algorithm(name).map(Alg::Signed) }
}

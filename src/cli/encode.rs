//! `tokscope encode`.

use serde_json::Value;

use super::{
    Exit, Failure,
    input::{Source, time, time_from},
    key_options,
    output::{print, tell},
};
use crate::{
    clock::{self, Timestamp},
    token::{
        json::Json,
        sign::{self, SignError},
        verify::{Reason, algorithm::Algorithm, policy::Policy},
    },
    trouble::Trouble,
};

const AFTER_HELP: &str = "\
Standard output is the token alone. The claims are signed byte for byte as
written: order, digits, inner whitespace and duplicate members are kept; only
surrounding whitespace (such as a file's last line feed) is dropped. A value
set by an option (--exp, --kid …) replaces the member of that name, or is
added at the end.

Nothing leaves the machine. Keys come from files, the environment or a
program, never from an argument.

Times are RFC 3339, Unix seconds, words in local time (now, fri 9:00,
tomorrow, 2026-12-01), or relative to now: +15m, -1h, +30s, +7d, +2w.

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
    #[arg(long, value_name = "NAME=JSON", value_parser = parse_parameter)]
    pub header: Vec<(String, String)>,

    /// Set `iat`
    #[arg(long, value_name = "TIME", value_parser = written, allow_hyphen_values = true)]
    pub iat: Option<String>,

    /// Set `nbf`
    #[arg(long, value_name = "TIME", value_parser = written, allow_hyphen_values = true)]
    pub nbf: Option<String>,

    /// Set `exp`
    #[arg(long, value_name = "TIME", value_parser = written, allow_hyphen_values = true)]
    pub exp: Option<String>,

    /// Use this time as now: RFC 3339, Unix seconds, or words such as +2h, fri 9:00, 2026-12-01
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub now: Option<Timestamp>,

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
    let now = encode.now.unwrap_or_else(clock::now);
    let claims = encode.claims(now)?;
    let given = encode.keys.read()?;
    let token = if let Some(Alg::None) = encode.alg {
        if !given.is_empty() {
            return Err(Failure::new("alg none does not take a key").hint("omit the key, or choose another --alg"));
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

impl Encode {
    /// The claims as they were written, with the dates that were asked for.
    fn claims(&self, now: Timestamp) -> Result<String, Failure> {
        let source = match &self.claims {
            Some(source) => source.clone(),
            None => Source::piped().map_err(|_| {
                Failure::new("no claims given").hint("as in `tokscope encode @claims.json …`, or pipe them in")
            })?,
        };
        let text = String::from_utf8(source.bytes()?).map_err(|fault| {
            Failure::new(format!("{source} is not UTF-8 at byte {}", fault.utf8_error().valid_up_to()))
        })?;
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        sign::object("claims", text).map_err(|error| Trouble::from(error).under(source))?;
        let dates = [("iat", &self.iat), ("nbf", &self.nbf), ("exp", &self.exp)];
        let mut claims = text.to_owned();
        for (name, date) in dates.into_iter().filter_map(|(name, date)| Some((name, date.as_ref()?))) {
            let time = time_from(date, now).map_err(|why| Failure::new(format!("--{name}: {why}")))?;
            claims = with(&claims, name, &time.timestamp().to_string());
        }
        Ok(claims)
    }

    /// The header: `alg`, `typ`, `kid`, then what was asked for.
    fn header(&self, alg: &str, own_kid: Option<&str>) -> String {
        let text = |text: &str| Value::from(text).to_string();
        let mut header = with("{}", "alg", &text(alg));
        let named = [("typ", Some(self.typ.as_str())), ("kid", self.kid.as_deref().or(own_kid))];
        for (name, value) in named.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            if !value.is_empty() {
                header = with(&header, name, &text(value));
            }
        }
        self.header.iter().fold(header, |header, (name, value)| with(&header, name, value))
    }
}

fn with(object: &str, name: &str, value: &str) -> String {
    Json::parse(object).with_member(name, value).expect("it was read as an object before")
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
    match Algorithm::named(name) {
        Some(algorithm) => Ok(Alg::Signed(algorithm)),
        None if name == "none" => Ok(Alg::None),
        None => {
            let known: Vec<_> = Algorithm::all().iter().map(|algorithm| algorithm.name).collect();
            Err(format!("use one of {}, none", known.join(", ")))
        }
    }
}

fn parse_parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=JSON")?;
    if name == "alg" {
        return Err("use --alg for the algorithm".to_owned());
    }
    match Json::parse(value).error() {
        None if !name.is_empty() => Ok((name.to_owned(), value.trim().to_owned())),
        None => Err("write NAME=JSON".to_owned()),
        Some(_) => Err("the value is not JSON; put a string in double quotes, as in cty='\"JWT\"'".to_owned()),
    }
}

/// A time that is seen from `--now`, as it was written.
fn written(text: &str) -> Result<String, String> {
    time(text).map(|_| text.to_owned())
}

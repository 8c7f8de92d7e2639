//! `tokscope call`: a request to an API under a profile's token.

use std::path::PathBuf;

use chrono::TimeDelta;

use super::{Exit, Failure, GlobalOptions, body::Sink, fresh, input::Source, named::Target, output::tell, times};
use crate::{
    auth::AuthError,
    http::{HttpError, Method, Raw, Streamed},
    secret::SecretString,
    session::{ApiCall, header, method},
};

/// The arguments of `tokscope call`.
#[derive(Debug, Clone, clap::Args)]
#[command(
    allow_missing_positional = true,
    after_help = "\
PATH begins with / and is below the profile's url. The token goes to the
origins of url and of the profile's list origins only, and never along a
redirect: no redirect is followed. Without METHOD, it is GET, or POST with
--data. Data that is JSON is sent as application/json, any other as a form;
--header 'Content-Type: …' says otherwise.
  tokscope call lms /api/enrollment/v1/enrollment
  tokscope call corpus POST /seta-search/api/v1/corpus --data @query.json

If the profile says renew_on_401 = true, a 401 costs one refresh and one more
try; data from standard input is not sent twice. In a protected environment
([environments] in config.toml), methods other than GET and HEAD need --yes-env.

The body goes to standard output as it comes, the status to standard error.
On a terminal, control characters are made visible.

Exit code: 0 status 2xx; 1 any other status, or the token cannot be renewed;
2 error: no such profile, network, redirect, vault, settings."
)]
pub struct Request {
    #[command(flatten)]
    target: Target,

    /// GET, POST, PUT, PATCH, DELETE …
    #[arg(value_name = "METHOD", value_parser = method)]
    pub method: Option<Method>,

    /// A path below the profile's url, or a URL
    #[arg(value_name = "PATH|URL", required = true)]
    pub path: String,

    /// The body: a text, @FILE, or - for standard input
    #[arg(long, value_name = "TEXT|@FILE|-")]
    pub data: Option<Source>,

    /// A further header; can be repeated
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    pub header: Vec<(String, SecretString)>,

    /// Print the status and the headers before the body
    #[arg(long)]
    pub include: bool,

    /// Write the body to this file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// How long the token must be valid from now on, such as 90s, 10m or 1h
    #[arg(long, value_name = "TIME", value_parser = times::span, default_value = "30s")]
    pub min_ttl: TimeDelta,

    /// The profile's environment, to confirm a change in a protected one
    #[arg(long, value_name = "ENV")]
    pub yes_env: Option<String>,
}

const REDIRECTED: &str = "call that address itself; if it is on another server that you trust with the token, add its \
                          origin to origins in the profile";

/// Sends a request, and prints what comes.
pub fn run(request: &Request, place: &GlobalOptions) -> Result<Exit, Failure> {
    let body = request.data.as_ref().map(Source::bytes).transpose()?.map(Raw);
    let default = if body.is_some() { Method::POST } else { Method::GET };
    let api = ApiCall {
        method: request.method.clone().unwrap_or(default),
        target: request.path.clone(),
        headers: request.header.clone(),
        body,
        once: matches!(request.data, Some(Source::Stdin)),
        min_ttl: request.min_ttl,
        environment: request.yes_env.clone(),
    };
    let protected = place.folder()?.settings()?.environments.protected();
    let mut sink = Sink::open(request.output.as_deref())?;
    let call = fresh::open(&request.target, place)?;
    let work = async {
        let answer = match call.session.request(&call.profile, &api, &protected, &call.terminal).await {
            Err(error @ AuthError::Http(HttpError::Redirected { .. })) => {
                return Ok(Err(Failure::from(error).hint(REDIRECTED)));
            }
            answer => answer?,
        };
        Ok(pass_on(answer, request.include, &mut sink).await)
    };
    let done = fresh::attempt(&call, work);
    // What a renewal brought is kept, whatever became of the call.
    call.settle(false)?;
    let verdict = done.map_err(|failure| match failure.is_interrupted() && !api.method.is_safe() {
        true => failure.hint("the server may have acted on the request"),
        false => failure,
    })??;
    call.end(verdict)
}

async fn pass_on(mut answer: Streamed, include: bool, sink: &mut Sink) -> Result<Exit, Failure> {
    let head = &answer.head;
    let status = format!("HTTP {} {}", head.status, head.reason().unwrap_or_default());
    tell(status.trim_end());
    if let Some(encoding) = answer.encoding() {
        tell(&format!(
            "remark: the body is encoded as {encoding}, which was not requested; it is passed on as it came"
        ));
    }
    let verdict = if head.is_success() { Exit::Yes } else { Exit::No };
    sink.begin()?;
    if include {
        let mut lines = status.trim_end().as_bytes().to_vec();
        for (name, value) in &head.headers {
            lines.extend([b"\n", name.as_str().as_bytes(), b": ", value.as_bytes()].concat());
        }
        sink.write([&lines[..], b"\n\n"].concat()).await?;
    }
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => sink.write(chunk).await?,
            Ok(None) => break,
            Err(error) => {
                sink.end().await?;
                return Err(
                    Failure::from(AuthError::from(error)).hint("the output is incomplete: run the command again")
                );
            }
        }
    }
    sink.end().await?;
    Ok(verdict)
}

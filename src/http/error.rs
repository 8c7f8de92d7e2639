//! Why there was no answer, told apart by cause. No variant can hold a secret: hosts, numbers and fixed words only.

use std::{error::Error, fmt, io, time::Duration};

use rustls::{AlertDescription, CertificateError, PeerIncompatible};

use super::{BODY_LIMIT, NoAddress};
use crate::trouble::Code;

/// Why a request did not get a whole answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// No connection came about.
    #[error("cannot reach {host}: {cause}")]
    Unreachable {
        /// The host of the URL.
        host: String,
        /// Where it failed.
        cause: Unreachable,
    },

    /// The time was over.
    #[error("{host} did not {phase} within {} s", seconds(*.after))]
    TimedOut {
        /// The host of the URL.
        host: String,
        /// How far the exchange had come.
        phase: Phase,
        /// The limit that was reached.
        after: Duration,
    },

    /// No trusted connection came about.
    #[error("no trusted connection to {host}: {fault}")]
    Tls {
        /// The host of the URL.
        host: String,
        /// What TLS found wrong.
        fault: TlsFault,
    },

    /// The answer was longer than anything that belongs here.
    #[error("the {what} in the response of {host} is too large")]
    TooLarge {
        /// The host of the URL.
        host: String,
        /// `body` or `header`.
        what: &'static str,
    },

    /// The server wants the request sent elsewhere.
    #[error("{host} redirects to {to} (HTTP {status}); nothing was sent there")]
    Redirected {
        /// The host of the URL.
        host: String,
        /// The HTTP status.
        status: u16,
        /// Where to, without a query: foreign text.
        to: String,
    },

    /// Secrets would travel in clear.
    #[error("{0} uses plain http, which anyone on the network path can read")]
    InsecureUrl(String),

    /// The connection broke, or what came was no HTTP.
    #[error("the response of {host} broke off or was malformed: {reason}")]
    Broken {
        /// The host of the URL.
        host: String,
        /// What the HTTP library says.
        reason: String,
    },

    /// The answer came compressed in a way that cannot be undone; no compression was requested.
    #[error("the response of {host} is encoded as {encoding:?}, which is corrupt or not supported")]
    Encoded {
        /// The host of the URL.
        host: String,
        /// `Content-Encoding`: foreign text.
        encoding: String,
    },

    /// The profile's CA file is of no use.
    #[error("cannot use the CA file: {0}")]
    BadCa(String),

    /// A value holds characters that no header can carry.
    #[error("a secret or setting contains a line break or control character, which HTTP headers do not allow")]
    BadHeader,
}

/// Where a connection failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreachable {
    /// No name server knows the host.
    UnknownHost,
    /// Nothing listens at that port.
    Refused,
    /// The system's proxy did not let us through.
    Proxy,
    /// The network did not carry it: the operating system's words.
    Network(String),
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost => f.write_str("host name not found (DNS)"),
            Self::Refused => f.write_str("connection refused"),
            Self::Proxy => f.write_str("the proxy refuses the connection"),
            Self::Network(words) => f.write_str(words),
        }
    }
}

/// How far an exchange had come when the time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing had been sent.
    Connect,
    /// A connection was accepted, and TLS came to no end on it: nothing had been sent.
    Handshake,
    /// The request may have been sent and acted upon.
    Answer,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "accept a connection",
            Self::Handshake => "finish the TLS handshake, although it accepts connections,",
            Self::Answer => "answer",
        })
    }
}

/// What TLS found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsFault {
    /// The certificate is for another host.
    WrongName,
    /// The certificate's time is over.
    Expired,
    /// The certificate's time is still to come.
    NotYetValid,
    /// The certificate's issuer is not trusted.
    UnknownIssuer,
    /// The issuer has revoked the certificate.
    Revoked,
    /// The certificate is one of an authority, as most self-signed ones are: no CA file makes it a server's.
    OfAuthority,
    /// The system has no trusted certificates at all.
    NoAuthorities,
    /// The peer does not speak TLS.
    NotTls,
    /// The peer closed the connection before TLS came to an end.
    Closed,
    /// The peer has no certificate for the host.
    UnknownName,
    /// The peer speaks only versions of TLS that are too old.
    OldVersion,
    /// The two sides have no cipher, key exchange or signature algorithm in common. A TLS 1.2 server that misses a
    /// certificate of ours says the same.
    NothingInCommon,
    /// The peer wants a certificate of ours.
    ClientCertificate,
    /// Anything else, in the TLS library's words.
    Other(String),
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongName => "its certificate is for another name",
            Self::Expired => "its certificate has expired",
            Self::NotYetValid => "its certificate is not valid yet",
            Self::UnknownIssuer => "its certificate has an unknown issuer",
            Self::Revoked => "its certificate has been revoked",
            Self::OfAuthority => "its certificate is a CA certificate, as self-signed ones often are",
            Self::NoAuthorities => "this system has no trusted certificates",
            Self::NotTls => "it does not speak TLS at that port",
            Self::Closed => "it closed the connection during the TLS handshake",
            Self::UnknownName => "it has no certificate for this host name",
            Self::OldVersion => "it speaks neither TLS 1.2 nor TLS 1.3",
            Self::NothingInCommon => {
                "it refuses the TLS handshake: no cipher in common, or a client certificate missing"
            }
            Self::ClientCertificate => "it asks for a client certificate; tokscope has none",
            Self::Other(words) => words,
        })
    }
}

impl TlsFault {
    fn hint(&self) -> &'static str {
        match self {
            Self::WrongName | Self::UnknownName => "check the host in the profile's URL: nothing was sent to this one",
            Self::Expired | Self::NotYetValid => {
                "check this machine's clock; if it is right, the server's certificate must be renewed"
            }
            Self::UnknownIssuer => "if your own authority issued the server's certificate, set ca_file in the profile",
            Self::NoAuthorities => "install the system's CA certificates, or set ca_file in the profile",
            Self::OfAuthority => {
                "the server needs a certificate with CA:FALSE, issued by an authority that ca_file can name"
            }
            Self::NotTls => "check the port in the profile's URL",
            Self::Closed => "check the port in the profile's URL; a firewall or proxy may also block the handshake",
            Self::OldVersion | Self::NothingInCommon => "the server's TLS must be updated: nothing was sent to it",
            Self::ClientCertificate => "ask the server's operator for an address without mutual TLS",
            Self::Revoked | Self::Other(_) => "ask the server's operator: nothing was sent to it",
        }
    }
}

impl HttpError {
    /// What kind of trouble it is.
    pub fn code(&self) -> Code {
        match self {
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Tls { .. }
            | Self::TooLarge { .. }
            | Self::Broken { .. }
            | Self::Encoded { .. } => Code::NoAnswer,
            Self::Redirected { .. } | Self::InsecureUrl(_) | Self::BadCa(_) | Self::BadHeader => Code::Setting,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> String {
        let words = match self {
            Self::Unreachable { cause: Unreachable::UnknownHost, .. } => {
                "check the host in the profile's URL, and the network or VPN"
            }
            Self::Unreachable { cause: Unreachable::Refused, .. } => {
                "check the port in the profile's URL, and that the server is running"
            }
            Self::Unreachable { cause: Unreachable::Proxy, .. } => "check HTTPS_PROXY and NO_PROXY",
            Self::Unreachable { cause: Unreachable::Network(_), .. } => "check the network or VPN",
            Self::TimedOut { phase: Phase::Connect, .. } => "check the network or VPN, or raise the profile's timeout",
            Self::TimedOut { phase: Phase::Handshake, .. } => {
                "check that the port in the profile's URL speaks TLS; a firewall or proxy may also block the handshake"
            }
            Self::TimedOut { phase: Phase::Answer, .. } => "try again later, or raise the profile's timeout",
            Self::Tls { fault, .. } => fault.hint(),
            Self::TooLarge { what: "body", .. } => {
                return format!("check the profile's URL: tokscope accepts at most {} KiB", BODY_LIMIT / 1024);
            }
            Self::TooLarge { .. } => "check the profile's URL: it may belong to something else",
            Self::Redirected { to, .. } if !to.contains("://") => "check the URL in the profile",
            Self::Redirected { to, .. } => {
                return format!(
                    "if you trust {to}, write it in the profile: passwords and tokens are never sent to a redirect"
                );
            }
            Self::InsecureUrl(_) => "use https, or set allow_http = true in the profile if the network can be trusted",
            Self::Broken { .. } => "check the profile's URL, then try again",
            Self::Encoded { .. } => "ask the operator of the server or its proxy: no compression was requested",
            Self::BadCa(_) => "ca_file must name a PEM file with at least one certificate",
            Self::BadHeader => "check the setting or secret: it may contain a stray line break",
        };
        words.to_owned()
    }

    /// Whether the same request may have an answer a little later: nothing of ours has to be put right first.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::InsecureUrl(_) | Self::BadCa(_) | Self::BadHeader)
    }

    /// Whether the server may have acted on the request although no answer came: then it is not known whether a refresh
    /// token that was in it is still good.
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::TimedOut { phase, .. } => *phase == Phase::Answer,
            Self::TooLarge { .. } | Self::Broken { .. } | Self::Encoded { .. } => true,
            Self::Unreachable { .. }
            | Self::Tls { .. }
            | Self::Redirected { .. }
            | Self::InsecureUrl(_)
            | Self::BadCa(_)
            | Self::BadHeader => false,
        }
    }
}

/// What went wrong inside of an exchange: known already, or still the library's error.
pub(super) enum Fault {
    Known(HttpError),
    Library(reqwest::Error),
}

impl From<HttpError> for Fault {
    fn from(error: HttpError) -> Self {
        Self::Known(error)
    }
}

impl From<reqwest::Error> for Fault {
    fn from(error: reqwest::Error) -> Self {
        Self::Library(error)
    }
}

impl Fault {
    /// The error in our words.
    pub(super) fn describe(self, host: &str, connect_limit: Duration) -> HttpError {
        let host = host.to_owned();
        let error = match self {
            Self::Known(error) => return error,
            Self::Library(error) => error.without_url(),
        };
        // Behind the handshake the request may have arrived, whatever TLS says then: but for the wish for a certificate,
        // which TLS 1.3 utters late.
        match tls_fault(&error) {
            Some(fault) if error.is_connect() || fault == TlsFault::ClientCertificate => {
                return HttpError::Tls { host, fault };
            }
            _ => {}
        }
        if error.is_connect() {
            return match unreachable_cause(&error) {
                _ if error.is_timeout() => HttpError::TimedOut { host, phase: Phase::Connect, after: connect_limit },
                // A connection that was never there has no end.
                Unreachable::Network(_) if io_kind(&error) == Some(io::ErrorKind::UnexpectedEof) => {
                    HttpError::Tls { host, fault: TlsFault::Closed }
                }
                cause => HttpError::Unreachable { host, cause },
            };
        }
        match find::<hyper::Error>(&error) {
            Some(error) if error.is_parse_too_large() => HttpError::TooLarge { host, what: "header" },
            Some(error) if error.is_incomplete_message() => {
                HttpError::Broken { host, reason: "the connection was closed too early".to_owned() }
            }
            Some(error) if error.is_parse() => {
                HttpError::Broken { host, reason: "this is not an HTTP response".to_owned() }
            }
            _ if io_kind(&error) == Some(io::ErrorKind::UnexpectedEof) => {
                HttpError::Broken { host, reason: "the connection was closed too early".to_owned() }
            }
            _ => HttpError::Broken { host, reason: innermost(&error) },
        }
    }
}

/// Why the client could not be built: nothing but its certificates can be at fault.
pub(super) fn unbuilt(error: &reqwest::Error, host: &str) -> HttpError {
    match find::<rustls::Error>(error) {
        Some(rustls::Error::General(_)) => HttpError::Tls { host: host.to_owned(), fault: TlsFault::NoAuthorities },
        _ => HttpError::BadCa(innermost(error)),
    }
}

/// The words of the error that started it all.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn unreachable_cause(error: &reqwest::Error) -> Unreachable {
    if find::<NoAddress>(error).is_some() {
        return Unreachable::UnknownHost;
    }
    match io_kind(error) {
        Some(io::ErrorKind::ConnectionRefused) => Unreachable::Refused,
        Some(kind) => Unreachable::Network(kind.to_string()),
        None => Unreachable::Proxy,
    }
}

/// What the operating system says: those around its error say "other" of their own.
fn io_kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    chain(error).filter_map(|error| error.downcast_ref::<io::Error>()).last().map(io::Error::kind)
}

fn tls_fault(error: &reqwest::Error) -> Option<TlsFault> {
    Some(match find::<rustls::Error>(error)? {
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => TlsFault::WrongName,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFault::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsFault::NotYetValid,
            CertificateError::UnknownIssuer => TlsFault::UnknownIssuer,
            CertificateError::Revoked => TlsFault::Revoked,
            // The library has no variant of its own for it.
            CertificateError::Other(error) if error.to_string() == "CaUsedAsEndEntity" => TlsFault::OfAuthority,
            other => TlsFault::Other(other.to_string()),
        },
        rustls::Error::InvalidMessage(_) => TlsFault::NotTls,
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::SupportedVersionsExtensionRequired,
        ) => TlsFault::OldVersion,
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity)
        | rustls::Error::PeerIncompatible(_) => TlsFault::NothingInCommon,
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired | AlertDescription::NoCertificate) => {
            TlsFault::ClientCertificate
        }
        rustls::Error::AlertReceived(AlertDescription::UnrecognisedName) => TlsFault::UnknownName,
        other => TlsFault::Other(other.to_string()),
    })
}

/// The first error of a type in a chain.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// An error and what caused it. An `io::Error` does not name what it wraps as its source, so it is opened.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source())
    })
}

/// `20`, `0.9`: the connect limit can be a fraction.
fn seconds(limit: Duration) -> f32 {
    (limit.as_secs_f32() * 10.0).round() / 10.0
}

//! TLS: certificates that cannot be trusted, handshakes that come to no end, and connections that end behind them.

use super::{Answer, Does, Leaves, Mode};

use Leaves::{Same, Unknown};

const LATER: &str = "try again later, or raise the profile's timeout; the old tokens are kept";
const URL: &str = "check the profile's URL, then try again; the old tokens are kept";
const CLOCK: &str = "check this machine's clock";
const OWN: &str = "set ca_file in the profile";
const SELF_SIGNED: &str = "its certificate is a CA certificate, as self-signed ones often are";
const CUT: &str = "it closed the connection during the TLS handshake";
const CLOSED: &str = "broke off or was malformed: the connection was closed too early";
const PORT: &str = "check the port in the profile's URL";
const UPDATE: &str = "the server's TLS must be updated";

const fn certified(certificate: &'static str, authority: &'static str) -> Does {
    Does::Tls { certificate, authority, answer: |_| Answer::json(200, r#"{"access_token":"new-access-marker"}"#) }
}

/// A trusted connection, and then this.
const fn trusted(answer: fn(&super::Received) -> Answer) -> Does {
    Does::Tls { certificate: "good", authority: "ca.crt", answer }
}

const fn closes(writes: fn() -> Vec<u8>) -> Does {
    Does::Bare { writes, closes: true }
}

const fn holds(writes: fn() -> Vec<u8>) -> Does {
    Does::Bare { writes, closes: false }
}

/// A fatal alert (RFC 8446 §6).
fn alert(code: u8) -> Vec<u8> {
    vec![0x15, 3, 3, 0, 2, 2, code]
}

/// A ServerHello of TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA.
fn tls_1_0() -> Vec<u8> {
    let mut hello = vec![0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    hello
}

pub(super) const MODES: &[Mode] = &[
    // Certificates; the first is how it should be.
    Mode::new(
        "a certificate of the authority that the profile names",
        certified("good", "ca.crt"),
        Leaves::New(&["new-access-marker", "old-refresh-marker", super::OLD_ID]),
        "sent no token_type",
        "",
    ),
    Mode::new("a self-signed certificate", certified("self-signed", "ca.crt"), Same, SELF_SIGNED, "CA:FALSE"),
    Mode::new(
        "a self-signed certificate that the profile names",
        certified("self-signed", "self-signed.crt"),
        Same,
        SELF_SIGNED,
        "CA:FALSE",
    ),
    Mode::new("an authority that is not known", certified("good", "other-ca.crt"), Same, "an unknown issuer", OWN),
    Mode::new(
        "a certificate for another name",
        certified("wrong-name", "ca.crt"),
        Same,
        "its certificate is for another name",
        "check the host in the profile's URL",
    ),
    Mode::new("an expired certificate", certified("expired", "ca.crt"), Same, "its certificate has expired", CLOCK),
    Mode::new("a certificate of the future", certified("not-yet", "ca.crt"), Same, "is not valid yet", CLOCK),
    Mode::new(
        "an authority's file without a certificate",
        certified("good", "server.key"),
        Same,
        "cannot use the CA file",
        "ca_file must name a PEM file",
    ),
    Mode::new(
        "a wish for a client certificate",
        Does::Mutual,
        Same,
        "it asks for a client certificate",
        "an address without mutual TLS",
    ),
    // Handshakes.
    Mode::new(
        "plain HTTP that answers",
        closes(|| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        Same,
        "it does not speak TLS at that port",
        PORT,
    ),
    Mode::new("bytes that are no TLS", closes(|| vec![0xff; 300]), Same, "it does not speak TLS at that port", PORT),
    Mode::new("a cut in the handshake", closes(Vec::new), Same, CUT, PORT),
    Mode::new("a cut in the first message", closes(|| tls_1_0()[..20].to_vec()), Same, CUT, PORT),
    Mode::new(
        "a silent handshake",
        holds(Vec::new),
        Same,
        "did not finish the TLS handshake, although it accepts connections, within 1.8 s",
        "check that the port in the profile's URL speaks TLS",
    )
    .waiting(),
    Mode::new(
        "a halt in the handshake",
        holds(|| tls_1_0()[..20].to_vec()),
        Same,
        "did not finish the TLS handshake",
        "check that the port in the profile's URL speaks TLS",
    )
    .waiting(),
    Mode::new("only TLS 1.0", holds(tls_1_0), Same, "it speaks neither TLS 1.2 nor TLS 1.3", UPDATE),
    Mode::new("a refused version", holds(|| alert(70)), Same, "it speaks neither TLS 1.2 nor TLS 1.3", UPDATE),
    Mode::new("no cipher in common", holds(|| alert(40)), Same, "no cipher in common", UPDATE),
    Mode::new("an alert for a certificate", holds(|| alert(116)), Same, "client certificate", "without mutual TLS"),
    Mode::new(
        "a name that is not served",
        holds(|| alert(112)),
        Same,
        "no certificate for this host name",
        "check the host",
    ),
    Mode::new("an error of the server's own", holds(|| alert(80)), Same, "no trusted connection to", "operator"),
    Mode::new("only HTTP/2", holds(|| alert(120)), Same, "no trusted connection to", "operator"),
    Mode::new("a goodbye at once", closes(|| vec![0x15, 3, 3, 0, 2, 1, 0]), Same, CUT, PORT),
    // Behind the handshake.
    Mode::new(
        "silence behind the handshake",
        trusted(|_| Answer::Silence),
        Unknown,
        "did not answer within 2 s",
        LATER,
    )
    .waiting(),
    Mode::new("a cut behind the handshake", trusted(|_| Answer::Cut), Unknown, CLOSED, URL),
    Mode::new(
        "a cut in a body behind the handshake",
        trusted(|_| Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"access_token\":\"mark".into())),
        Unknown,
        CLOSED,
        URL,
    ),
];

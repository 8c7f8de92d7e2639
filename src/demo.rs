//! The embedded auth server: Open edX on loopback, with short-lived tokens, true to what the real one answers.

//! The settings of a profile.

use crate::auth::{Field, FieldKind};

const GRANTS: &[&str] = &["authorization_code", "device_code", "client_credentials", "password", "token_exchange"];

pub(super) static FIELDS: [Field; 24] = [
    Field::new(
        "issuer",
        "Issuer",
        FieldKind::Url,
        "The issuer, whose metadata name the endpoints; unset: write the endpoints below",
    ),
    Field::new(
        "grant",
        "Grant",
        FieldKind::Choice(GRANTS),
        "authorization_code opens a browser; device_code needs one elsewhere; others none",
    )
    .required()
    .with_default("authorization_code"),
    Field::new("client_id", "Client ID", FieldKind::Text, "The client registered at the server").required(),
    Field::new(
        "client_auth",
        "Client auth",
        FieldKind::Choice(&["auto", "basic", "body", "private_key_jwt", "none"]),
        "How the client authenticates; auto: basic if it has a secret, else none",
    )
    .required()
    .with_default("auto"),
    Field::new("client_secret", "Client secret", FieldKind::Secret, "The client's secret; a public client has none")
        .only_if("client_auth", &["auto", "basic", "body"]),
    Field::new(
        "private_key",
        "Private key",
        FieldKind::Secret,
        "The client's key: file:PATH of a PEM file (PKCS#8; RSA also PKCS#1)",
    )
    .required()
    .only_if("client_auth", &["private_key_jwt"]),
    Field::new("private_key_id", "Key ID", FieldKind::Text, "The kid under which the server knows the key")
        .only_if("client_auth", &["private_key_jwt"]),
    Field::new(
        "private_key_alg",
        "Key algorithm",
        FieldKind::Choice(&["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]),
        "The signing algorithm; unset: RS256, ES256, ES384 or EdDSA by the type of key",
    )
    .only_if("client_auth", &["private_key_jwt"]),
    Field::new("username", "User name", FieldKind::Text, "The user's name at the server")
        .required()
        .only_if("grant", &["password"]),
    Field::new("password", "Password", FieldKind::Secret, "The user's password; asked for at login if unset")
        .required()
        .only_if("grant", &["password"]),
    Field::new("subject_token", "Subject token", FieldKind::Secret, "The token to exchange (RFC 8693)")
        .required()
        .only_if("grant", &["token_exchange"]),
    Field::new("subject_token_type", "Subject token type", FieldKind::Text, "The type of that token")
        .required()
        .with_default("urn:ietf:params:oauth:token-type:access_token")
        .only_if("grant", &["token_exchange"]),
    Field::new("scope", "Scope", FieldKind::Text, "Space-separated words: openid profile offline_access"),
    Field::new("audience", "Audience", FieldKind::Text, "The token's audience, as Auth0 and others call it"),
    Field::new("resource", "Resource", FieldKind::Url, "The token's audience, as RFC 8707 calls it"),
    Field::new(
        "parameters",
        "Extra parameters",
        FieldKind::Text,
        "Sent with every login and refresh, form-encoded: prompt=consent&tenant=a%20b",
    ),
    Field::new("headers", "Extra headers", FieldKind::Text, "Sent to the endpoints, form-encoded: x-tenant=a&x-b=c"),
    Field::new(
        "redirect_uri",
        "Redirect URI",
        FieldKind::Url,
        "On this machine; without a port, any free one is used (RFC 8252 §7.3)",
    )
    .required()
    .with_default("http://127.0.0.1/callback")
    .only_if("grant", &["authorization_code"]),
    Field::new("token_endpoint", "Token endpoint", FieldKind::Url, "Instead of the discovered one"),
    Field::new("authorization_endpoint", "Authorization endpoint", FieldKind::Url, "Instead of the discovered one")
        .only_if("grant", &["authorization_code"]),
    Field::new("device_authorization_endpoint", "Device endpoint", FieldKind::Url, "Instead of the discovered one")
        .only_if("grant", &["device_code"]),
    Field::new("revocation_endpoint", "Revocation endpoint", FieldKind::Url, "Instead of the discovered one"),
    Field::new("introspection_endpoint", "Introspection endpoint", FieldKind::Url, "Instead of the discovered one"),
    Field::new("userinfo_endpoint", "Userinfo endpoint", FieldKind::Url, "Instead of the discovered one"),
];

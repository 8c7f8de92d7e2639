//! The settings of a profile.

use crate::auth::Field;

const GRANTS: &[&str] = &["authorization_code", "device_code", "client_credentials", "password", "token_exchange"];

#[rustfmt::skip]
pub(super) static FIELDS: [Field; 24] = [
    Field::url("issuer", "Issuer", "The issuer, whose metadata name the endpoints; unset: write the endpoints below")
        .in_sight(),
    Field::choice("grant", "Grant", GRANTS,
        "authorization_code opens a browser; device_code needs one elsewhere; others none")
        .required().with_default("authorization_code"),
    Field::text("client_id", "Client ID", "The client registered at the server").required(),
    Field::choice("client_auth", "Client auth", &["auto", "basic", "body", "private_key_jwt", "none"],
        "How the client authenticates; auto: basic if it has a secret, else none").required().with_default("auto")
        .folded(),
    Field::secret("client_secret", "Client secret", "The client's secret; a public client has none")
        .only_if("client_auth", &["auto", "basic", "body"]).asked_if("client_auth", &["basic", "body"]).in_sight(),
    Field::secret("private_key", "Private key", "The client's key: file:PATH of a PEM file (PKCS#8; RSA also PKCS#1)")
        .required().only_if("client_auth", &["private_key_jwt"]),
    Field::text("private_key_id", "Key ID", "The kid under which the server knows the key")
        .only_if("client_auth", &["private_key_jwt"]),
    Field::choice("private_key_alg", "Key algorithm",
        &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"],
        "The signing algorithm; unset: RS256, ES256, ES384 or EdDSA by the type of key")
        .only_if("client_auth", &["private_key_jwt"]),
    Field::text("username", "User name", "The user's name at the server").required().only_if("grant", &["password"]),
    Field::secret("password", "Password", "The user's password; asked for at login if unset")
        .required().only_if("grant", &["password"]),
    Field::secret("subject_token", "Subject token", "The token to exchange (RFC 8693)")
        .required().only_if("grant", &["token_exchange"]),
    Field::text("subject_token_type", "Subject token type", "The type of that token")
        .required().with_default("urn:ietf:params:oauth:token-type:access_token").only_if("grant", &["token_exchange"])
        .folded(),
    Field::text("scope", "Scope", "Space-separated words: openid profile offline_access").in_sight(),
    Field::text("audience", "Audience", "The token's audience, as Auth0 and others call it"),
    Field::url("resource", "Resource", "The token's audience, as RFC 8707 calls it"),
    Field::text("parameters", "Extra parameters",
        "Sent with every login and refresh, form-encoded: prompt=consent&tenant=a%20b"),
    Field::text("headers", "Extra headers", "Sent to the endpoints, form-encoded: x-tenant=a&x-b=c"),
    Field::url("redirect_uri", "Redirect URI", "On this machine; without a port, any free one is used (RFC 8252 §7.3)")
        .required().with_default("http://127.0.0.1/callback").only_if("grant", &["authorization_code"]).folded(),
    Field::url("token_endpoint", "Token endpoint", "Instead of the discovered one"),
    Field::url("authorization_endpoint", "Authorization endpoint", "Instead of the discovered one")
        .only_if("grant", &["authorization_code"]),
    Field::url("device_authorization_endpoint", "Device endpoint", "Instead of the discovered one")
        .only_if("grant", &["device_code"]),
    Field::url("revocation_endpoint", "Revocation endpoint", "Instead of the discovered one"),
    Field::url("introspection_endpoint", "Introspection endpoint", "Instead of the discovered one"),
    Field::url("userinfo_endpoint", "Userinfo endpoint", "Instead of the discovered one"),
];

//! A profile for an OpenID provider whose address is known.

use crate::auth::import::{Imported, Importer, Reads, address};

pub(super) static IMPORTERS: [Importer; 1] = [Importer {
    id: "openid",
    label: "OpenID provider",
    help: "address of an issuer or of its discovery document",
    reads: Reads::Address { example: "https://login.example.org", read: discovery },
}];

/// A profile for the address of an issuer or of its discovery document (OpenID Connect Discovery §4, RFC 8414 §3.1).
/// What else it needs is in the warnings.
fn discovery(text: &str, imported: &mut Imported) {
    let Some(mut issuer) = address(text) else {
        imported.warn("this is not the URL of an issuer, such as https://login.example.org");
        return;
    };
    let path = issuer.path().trim_end_matches('/').to_owned();
    let own = match path.strip_suffix("/.well-known/openid-configuration") {
        Some(own) => own.to_owned(),
        // RFC 8414 puts the well-known part in front of the issuer's own path.
        None => ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
            .iter()
            .find_map(|front| path.strip_prefix(front))
            .unwrap_or(&path)
            .to_owned(),
    };
    issuer.set_path(&own);
    issuer.set_query(None);
    issuer.set_fragment(None);
    let host = issuer.host_str().unwrap_or_default().to_owned();
    // An issuer is compared letter by letter: one without a path has no `/` at its end, unless the user wrote one.
    let ends_in_slash = path.is_empty() && text.trim().ends_with('/');
    let bare = own.is_empty() && !ends_in_slash;
    let issuer = if bare { issuer.as_str().trim_end_matches('/') } else { issuer.as_str() };
    let name = imported.add(&host, "oauth2", &[("issuer", issuer)]);
    imported.warn(format!("{name}: add the client_id that is registered for you at {host}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_found_in_the_address_of_its_discovery_document() {
        let issuer = |text| {
            let mut imported = Imported::default();
            discovery(text, &mut imported);
            imported.profiles.first().map(|profile| profile.settings["issuer"].clone())
        };
        let cases = [
            ("https://a.example/.well-known/openid-configuration", "https://a.example"),
            ("https://a.example/realms/x/.well-known/openid-configuration", "https://a.example/realms/x"),
            ("https://a.example/.well-known/oauth-authorization-server/t1", "https://a.example/t1"),
            ("https://a.example", "https://a.example"),
            ("https://a.example/", "https://a.example/"),
            ("a.example/t1", "https://a.example/t1"),
        ];
        for (address, expected) in cases {
            assert_eq!(issuer(address).as_deref(), Some(expected), "{address}");
        }
        assert_eq!(issuer("ftp://a.example"), None);
        assert_eq!(issuer("https://user:pw@a.example"), None);
    }
}

//! What the vendor's client reads: the variables of the environment.

use crate::auth::import::{Imported, Importer, Variables};

pub(super) static IMPORTERS: [Importer; 1] = [Importer::variables("PASSWORK_HOST, PASSWORK_TOKEN", variables)];

/// The settings that are secrets, with their variables; the last one is optional.
const SECRETS: [(&str, &str, &str); 3] = [
    ("access_token", "PASSWORK_TOKEN", "env:PASSWORK_TOKEN"),
    ("refresh_token", "PASSWORK_REFRESH_TOKEN", "env:PASSWORK_REFRESH_TOKEN"),
    ("master_key", "PASSWORK_MASTER_KEY", "env:PASSWORK_MASTER_KEY"),
];

fn variables(variables: &Variables<'_>, imported: &mut Imported) {
    match variables.url("PASSWORK_HOST") {
        Some(Ok(url)) => {
            let found = SECRETS.iter().filter(|(_, name, _)| variables.is_set(name));
            let found = found.map(|(key, _, reference)| (*key, *reference));
            let settings: Vec<_> = std::iter::once(("url", &*url)).chain(found).collect();
            let name = imported.add("passwork", "passwork", &settings);
            for (_, missing, _) in SECRETS[..2].iter().filter(|(_, name, _)| !variables.is_set(name)) {
                imported.warn(format!("{name}: {missing} is not set; the token is asked for at login"));
            }
            imported.warn(format!(
                "{name}: a refresh invalidates the pair in the variables, so it is good for one login only"
            ));
        }
        Some(Err(problem)) => imported.warn(problem),
        None if variables.is_set("PASSWORK_TOKEN") => {
            imported.warn("PASSWORK_TOKEN is set but PASSWORK_HOST is not; set both");
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_references() {
        let set = [("PASSWORK_HOST", "pw.example"), ("PASSWORK_TOKEN", "s2")];
        let lookup = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let mut imported = Imported::default();
        variables(&Variables::new(&lookup), &mut imported);
        let [passwork] = &*imported.profiles else { panic!("{imported:?}") };
        let setting = |key: &str| passwork.settings.get(key).map(String::as_str);
        assert_eq!(setting("url"), Some("https://pw.example"));
        assert_eq!(setting("access_token"), Some("env:PASSWORK_TOKEN"));
        assert_eq!((setting("refresh_token"), setting("master_key")), (None, None));
        assert!(imported.warnings.iter().any(|warning| warning.contains("PASSWORK_REFRESH_TOKEN is not set")));
        assert!(!format!("{imported:?}").contains("\"s2\""));
    }
}

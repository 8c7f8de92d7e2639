use super::*;
use crate::token::detect::Purpose;

/// A token of a row, in the way in which its program writes it; `{}` is the secret.
const KEPT: &[(&str, &str, &str)] = &[
    ("gh", ".config/gh/hosts.yml", "github.com:\n    user: ada\n    oauth_token: {}\n    git_protocol: https\n"),
    (
        "glab",
        ".config/glab-cli/config.yml",
        "hosts:\n    gitlab.com:\n        token: {}\n        api_host: gitlab.com\n",
    ),
    ("tea", ".config/tea/config.yml", "logins:\n- name: codeberg.org\n  url: https://codeberg.org\n  token: {}\n"),
    (
        "gcloud",
        ".config/gcloud/credentials.db",
        "SQLite format 3\u{0}\u{1}ada@example.org{\n  \"client_id\": \"32555940559.apps.googleusercontent.com\",\n  \"refresh_token\": \"{}\",\n  \"type\": \"authorized_user\"\n}\u{0}\u{3}",
    ),
    (
        "gke",
        ".kube/gke_gcloud_auth_plugin_cache",
        r#"{"current_context":"c","access_token":"{}","token_expiry":"2026-11-26T10:00:00Z","extra_args":""}"#,
    ),
    (
        "az",
        ".azure/msal_token_cache.json",
        r#"{"RefreshToken":{"a.b-login.microsoftonline.com-refreshtoken":{"secret":"{}","credential_type":"RefreshToken","environment":"login.microsoftonline.com"}}}"#,
    ),
    (
        "azd",
        ".azd/auth/msal/cache1.json",
        r#"{"RefreshToken":{"a.b-login":{"credential_type":"RefreshToken","secret":"{}"}}}"#,
    ),
    (
        "aws-sso",
        ".aws/sso/cache/d033e22ae348aeb5.json",
        r#"{"startUrl":"https://d-1.awsapps.com/start","accessToken":"{}","expiresAt":"2026-11-26T10:00:00Z"}"#,
    ),
    ("aws", ".aws/credentials", "[work]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {}\n"),
    ("openshift", ".kube/config", "users:\n- name: ada\n  user:\n    token: sha256~{}\n"),
    ("kubelogin", ".kube/cache/oidc-login/0123456789abcdef", r#"{"id_token":"","refresh_token":"{}"}"#),
    (
        "azure-kubelogin",
        ".kube/cache/kubelogin/login.microsoftonline.com.json",
        r#"{"accessToken":"{}","expiresOn":"1795600000"}"#,
    ),
    ("docker", ".docker/config.json", "{\"auths\": {\"ghcr.io\": {\"identitytoken\": \"{}\"}}}"),
    ("podman", ".config/containers/auth.json", "{\"auths\": {\"quay.io\": {\"identitytoken\": \"{}\"}}}"),
    ("helm", ".config/helm/registry/config.json", "{\"auths\": {\"quay.io\": {\"registrytoken\": \"{}\"}}}"),
    ("npm", ".npmrc", "//registry.npmjs.org/:_authToken={}\nfund=false\n"),
    ("yarn", ".yarnrc.yml", "npmScopes:\n  acme:\n    npmAuthToken: {}\n"),
    ("pypi", ".pypirc", "[pypi]\nusername = __token__\npassword = {}\n"),
    ("poetry", ".config/pypoetry/auth.toml", "[pypi-token]\npypi = \"{}\"\n"),
    ("cargo", ".cargo/credentials.toml", "[registry]\ntoken = \"{}\"\n"),
    ("gem", ".gem/credentials", "---\n:rubygems_api_key: {}\n"),
    (
        "composer",
        ".config/composer/auth.json",
        "{\"bearer\": {\"repo.example.org\": \"x\"}, \"http-basic\": {\"repo.example.org\": {\"username\": \"u\", \"password\": \"{}\"}}}",
    ),
    ("heroku", ".netrc", "machine api.heroku.com\n  login ada@example.org\n  password {}\n"),
    ("git", ".git-credentials", "https://ada:{}@github.com\n"),
    ("terraform", ".terraform.d/credentials.tfrc.json", r#"{"credentials":{"app.terraform.io":{"token":"{}"}}}"#),
    ("vault", ".vault-token", "{}"),
    (
        "pulumi",
        ".pulumi/credentials.json",
        r#"{"current":"https://api.pulumi.com","accounts":{"https://api.pulumi.com":{"accessToken":"{}"}}}"#,
    ),
    ("netlify", ".config/netlify/config.json", r#"{"userId":"u","users":{"u":{"auth":{"token":"{}","github":{}}}}}"#),
    (
        "vercel",
        ".local/share/com.vercel.cli/auth.json",
        "{\n  \"// Note\": \"This is your Vercel credentials file.\",\n  \"token\": \"{}\"\n}",
    ),
    (
        "firebase",
        ".config/configstore/firebase-tools.json",
        r#"{"user":{"email":"ada@example.org"},"tokens":{"refresh_token":"{}","scopes":["email"]}}"#,
    ),
    (
        "cloudflare",
        ".config/.wrangler/config/default.toml",
        "oauth_token = \"{}\"\nexpiration_time = \"2026-11-26T10:00:00.000Z\"\nscopes = [\"account:read\"]\n",
    ),
    ("doctl", ".config/doctl/config.yaml", "access-token: {}\noutput: text\n"),
    ("linode", ".config/linode-cli", "[DEFAULT]\ndefault-user = ada\n\n[ada]\ntoken = {}\n"),
    ("hcloud", ".config/hcloud/cli.toml", "active_context = \"x\"\n\n[[contexts]]\n  name = \"x\"\n  token = \"{}\"\n"),
    ("fly", ".fly/config.yml", "access_token: fm2_{}\nlast_login: 2026-11-20T10:00:00Z\n"),
    ("railway", ".railway/config.json", r#"{"projects":{},"user":{"token":"{}"}}"#),
    ("supabase", ".supabase/access-token", "{}"),
    ("databricks", ".databrickscfg", "[DEFAULT]\nhost = https://adb-1.azuredatabricks.net\ntoken = {}\n"),
    ("snowflake", ".snowflake/connections.toml", "[work]\naccount = \"a\"\npassword = \"{}\"\n"),
    ("cf", ".cf/config.json", r#"{"Target":"https://api.cf.example","AccessToken":"bearer {}","RefreshToken":""}"#),
    ("ibmcloud", ".bluemix/config.json", r#"{"IAMToken":"Bearer {}","IAMRefreshToken":""}"#),
    ("salesforce", ".sfdx/ada@example.org.json", r#"{"accessToken":"{}","instanceUrl":"https://a.my.salesforce.com"}"#),
    ("argocd", ".config/argocd/config", "users:\n- auth-token: {}\n  name: argocd.example.org\n"),
    ("huggingface", ".cache/huggingface/token", "{}"),
    ("sentry", ".sentryclirc", "[auth]\ntoken={}\n"),
    ("stripe", ".config/stripe/config.toml", "[default]\ndevice_name = \"host\"\nlive_mode_api_key = '{}'\n"),
    ("ngrok", ".config/ngrok/ngrok.yml", "version: 3\nagent:\n  authtoken: {}\n"),
    ("circleci", ".circleci/cli.yml", "host: https://circleci.com\ntoken: {}\n"),
    (
        "jfrog",
        ".jfrog/jfrog-cli.conf.v6",
        r#"{"servers":[{"url":"https://a.jfrog.io/","accessToken":"{}","serverId":"a"}],"version":"6"}"#,
    ),
    (
        "rclone",
        ".config/rclone/rclone.conf",
        "[drive]\ntype = drive\ntoken = {\"access_token\":\"{}\",\"token_type\":\"Bearer\",\"expiry\":\"2026-11-26T10:00:00Z\"}\n",
    ),
    (
        "codex",
        ".codex/auth.json",
        r#"{"OPENAI_API_KEY":null,"tokens":{"refresh_token":"{}"},"last_refresh":"2026-11-26T10:00:00Z"}"#,
    ),
    (
        "gemini",
        ".gemini/oauth_creds.json",
        r#"{"refresh_token":"{}","token_type":"Bearer","expiry_date":1795600000000}"#,
    ),
    (
        "claude",
        ".claude/.credentials.json",
        r#"{"claudeAiOauth":{"accessToken":"{}","expiresAt":1795600000000,"scopes":["user:inference"]}}"#,
    ),
    (
        "copilot",
        ".config/github-copilot/apps.json",
        r#"{"github.com:Iv1.b507a08c87ecfe98":{"user":"ada","oauth_token":"{}"}}"#,
    ),
    (
        "mcp",
        ".mcp-auth/mcp-remote-0.1.0/0123_tokens.json",
        r#"{"access_token":"{}","token_type":"Bearer","expires_in":3600}"#,
    ),
    ("practicus", ".practicus/core.conf", "[k8s_config_0]\nhost_url = https://eu.example.org\nrefresh_token = {}\n"),
];

/// A secret that nothing else in the home folder has.
fn secret(number: usize) -> String {
    format!("Zq7{number:03}x9LmPq4Rt8VwYz2Bc6Df")
}

fn write(home: &Path, file: &str, text: &str) -> PathBuf {
    let path = home.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn look(home: &Path, variables: &[(&str, &str)], paths: &[PathBuf]) -> Inventory {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Places { home: home.to_owned(), variable: &variable }.take(paths)
}

fn texts(inventory: &Inventory) -> Vec<(&'static str, String)> {
    let text = |held: &Held| (held.program.id, held.found.text.expose_secret().to_owned());
    inventory.held.iter().map(text).collect()
}

#[test]
fn every_program_of_a_home_is_found_and_no_decoy() {
    let home = tempfile::tempdir().unwrap();
    for (number, (_, file, text)) in KEPT.iter().enumerate() {
        write(
            home.path(),
            file,
            &text.replace("{}", &secret(number)).replace(&format!("github\":{}", secret(number)), "github\":{}"),
        );
    }
    for number in 0..200 {
        let (folder, decoy) = (number % 20, format!("refresh_token = decoy{number:03}x9LmPq4Rt8VwYz2Bc6Df\n"));
        write(home.path(), &format!("Documents/{folder}/notes-{number}.json"), &decoy);
        write(home.path(), &format!(".config/other-{number}/config.toml"), &decoy);
    }
    let found = look(home.path(), &[], &[]);
    let found = texts(&found);
    for (number, (id, file, _)) in KEPT.iter().enumerate() {
        let all: Vec<_> = found.iter().filter(|(_, text)| text.contains(&secret(number))).collect();
        assert_eq!(all.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [*id], "{file}: {all:?}");
    }
    assert_eq!(found.len(), KEPT.len(), "{found:#?}");
    let files: Vec<_> = programs().filter(|program| !program.files.is_empty()).map(|program| program.id).collect();
    let shares_a_file = ["kubectl", "netrc"];
    let missing: Vec<_> =
        files.iter().filter(|id| !shares_a_file.contains(*id) && KEPT.iter().all(|(kept, ..)| kept != *id)).collect();
    assert!(missing.is_empty() && KEPT.len() >= 40, "{missing:?} have no case");
}

#[test]
fn a_file_of_several_programs_is_divided_among_them() {
    let home = tempfile::tempdir().unwrap();
    let netrc = "machine api.heroku.com login a password 0123456789abc-heroku\nmachine h.example login b password 0123456789abc-other\n";
    write(home.path(), ".netrc", netrc);
    write(
        home.path(),
        ".kube/config",
        "users:\n- name: a\n  user:\n    token: sha256~0123456789abcdefgh\n- name: b\n  user:\n    token: 0123456789abcdefgh-plain\n",
    );
    let found = texts(&look(home.path(), &[], &[]));
    let expected = [
        ("heroku", "0123456789abc-heroku"),
        ("netrc", "0123456789abc-other"),
        ("openshift", "sha256~0123456789abcdefgh"),
        ("kubectl", "0123456789abcdefgh-plain"),
    ];
    assert_eq!(found, expected.map(|(id, text)| (id, text.to_owned())));
}

#[test]
fn variables_and_named_folders_are_looked_at() {
    let home = tempfile::tempdir().unwrap();
    let project = home.path().join("project");
    write(&project, ".env", "API_KEY=0123456789abc-key\nNAME=value-of-no-matter\n");
    write(&project, "deep/er/.env.local", "ACCESS_TOKEN=0123456789abc-token\n");
    write(&project, "node_modules/x/.env", "ACCESS_TOKEN=0123456789abc-copy\n");
    write(&project, "deep/notes.txt", "ACCESS_TOKEN=0123456789abc-note\n");
    let named = write(home.path(), "some.txt", "access_token: 0123456789abc-named\n");
    let elsewhere = write(home.path(), "elsewhere/hosts.yml", "github.com:\n  oauth_token: 0123456789abc-moved\n");
    let variables = [
        ("PRT_TOKEN", "0123456789abc-practicus"),
        ("PASSWORK_REFRESH_TOKEN", "0123456789abc-passwork"),
        ("GH_CONFIG_DIR", elsewhere.parent().unwrap().to_str().unwrap()),
        ("EMPTY_TOKEN", ""),
    ];
    let inventory = look(home.path(), &variables, &[project, named]);
    let mut found = texts(&inventory);
    found.sort_by(|(_, one), (_, other)| one.cmp(other));
    let expected = [
        ("env", "0123456789abc-key"),
        ("gh", "0123456789abc-moved"),
        ("env", "0123456789abc-named"),
        ("passwork", "0123456789abc-passwork"),
        ("practicus", "0123456789abc-practicus"),
        ("env", "0123456789abc-token"),
    ];
    assert_eq!(found, expected.map(|(id, text)| (id, text.to_owned())));
    let passwork = inventory.held.iter().find(|held| held.program.id == "passwork").unwrap();
    assert_eq!((passwork.kind, passwork.found.purpose), ("refresh", Some(Purpose::Refresh)));
}

#[test]
fn what_leads_away_or_cannot_be_read_is_named() {
    let (home, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let outside = write(away.path(), "token", "0123456789abc-outside");
    std::os::unix::fs::symlink(&outside, home.path().join(".vault-token")).unwrap();
    write(home.path(), ".config/gh/hosts.yml", "github.com:\n    user: ada\n");
    fs::create_dir_all(home.path().join(".npmrc")).unwrap();
    let inventory = look(home.path(), &[], &[home.path().join("none")]);
    assert!(inventory.held.is_empty(), "{inventory:?}");
    let remarks = inventory.remarks.join("\n");
    assert!(remarks.contains("GitHub CLI: no token in ") && remarks.contains("HashiCorp Vault: "), "{remarks}");
    let unread = inventory.unread.join("\n");
    assert!(unread.starts_with("npm: cannot read ") && unread.contains("/none: "), "{unread}");
}

#[test]
fn patterns_are_of_one_name() {
    for (name, pattern, expected) in [
        ("a@b.json", "*@*.json", true),
        ("ab.json", "*@*.json", false),
        ("cache.json", "*.json", true),
        ("cache.json~", "*.json", false),
        ("1_tokens.json", "*_tokens.json", true),
        ("jfrog-cli.conf.v6", "jfrog-cli.conf.v*", true),
        ("anything", "*", true),
    ] {
        assert_eq!(fits(Path::new(name), pattern), expected, "{name} {pattern}");
    }
}

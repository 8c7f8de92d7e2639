//! Source code, packages and images: hosts of repositories and registries.

use super::Program;

pub(super) const PROGRAMS: &[Program] = &[
    Program::new(
        "gh",
        "GitHub CLI",
        &["$GH_CONFIG_DIR/hosts.yml", "$XDG_CONFIG_HOME/gh/hosts.yml", "~/.config/gh/hosts.yml"],
        "https://github.com/settings/applications; `gh auth logout` removes it here only",
    )
    .variables(&["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"])
    .or_keyring()
    .prints("gh auth token"),
    Program::new(
        "glab",
        "GitLab CLI",
        &["~/.config/glab-cli/config.yml", "~/Library/Application Support/glab-cli/config.yml"],
        "https://gitlab.com/-/user_settings/personal_access_tokens",
    )
    .variables(&["GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN", "CI_JOB_TOKEN"])
    .or_keyring(),
    Program::new("tea", "Gitea CLI", &["~/.config/tea/config.yml"], "the page /user/settings/applications of the server")
        .variables(&["GITEA_TOKEN"]),
    Program::new(
        "docker",
        "Docker",
        &["$DOCKER_CONFIG/config.json", "~/.docker/config.json"],
        "`docker logout HOST` here; delete the token at the registry: https://app.docker.com/settings/personal-access-tokens",
    )
    .names(&["auth"])
    .or_keyring(),
    Program::new(
        "podman",
        "Podman, Buildah, Skopeo",
        &["$REGISTRY_AUTH_FILE", "$XDG_RUNTIME_DIR/containers/auth.json", "~/.config/containers/auth.json"],
        "`podman logout HOST` here; delete the token at the registry",
    )
    .names(&["auth"]),
    Program::new("helm", "Helm", &["~/.config/helm/registry/config.json"], "`helm registry logout HOST` here; delete the token at the registry")
        .names(&["auth"]),
    Program::new("npm", "npm", &["$NPM_CONFIG_USERCONFIG", "~/.npmrc"], "`npm token revoke ID`")
        .names(&["_password", "_auth"])
        .variables(&["NPM_TOKEN", "NODE_AUTH_TOKEN"]),
    Program::new("yarn", "Yarn", &["~/.yarnrc.yml"], "`npm token revoke ID`").names(&["npmAuthIdent"]),
    Program::new("pypi", "PyPI (twine)", &["~/.pypirc"], "https://pypi.org/manage/account/token/")
        .names(&["password"])
        .variables(&["TWINE_PASSWORD", "UV_PUBLISH_TOKEN"]),
    Program::new(
        "poetry",
        "Poetry",
        &["~/.config/pypoetry/auth.toml", "~/Library/Application Support/pypoetry/auth.toml"],
        "https://pypi.org/manage/account/token/",
    )
    .names(&["password", "pypi"])
    .variables(&["POETRY_PYPI_TOKEN_PYPI"])
    .or_keyring(),
    Program::new(
        "cargo",
        "Cargo",
        &["$CARGO_HOME/credentials.toml", "~/.cargo/credentials.toml", "~/.cargo/credentials"],
        "https://crates.io/settings/tokens",
    )
    .variables(&["CARGO_REGISTRY_TOKEN"])
    .or_keyring(),
    Program::new(
        "gem",
        "RubyGems",
        &["~/.gem/credentials", "~/.local/share/gem/credentials"],
        "https://rubygems.org/profile/api_keys",
    )
    .names(&["api_key"])
    .variables(&["GEM_HOST_API_KEY"]),
    Program::new(
        "composer",
        "Composer",
        &["$COMPOSER_HOME/auth.json", "~/.config/composer/auth.json", "~/.composer/auth.json"],
        "at the host named beside it",
    )
    .names(&["password", "bearer"]),
    Program::new("heroku", "Heroku CLI", &["$NETRC", "~/.netrc"], "`heroku authorizations:revoke ID`, `heroku logout`")
        .only(&["api.heroku.com", "git.heroku.com"])
        .names(&["password"])
        .variables(&["HEROKU_API_KEY"])
        .prints("heroku auth:token"),
    Program::new("netrc", ".netrc (curl, git, wget …)", &["$NETRC", "~/.netrc"], "at the host named beside it")
        .names(&["password"]),
    Program::new(
        "git",
        "git's credential store",
        &["~/.git-credentials", "$XDG_CONFIG_HOME/git/credentials", "~/.config/git/credentials"],
        "at the host named beside it; `git credential reject` removes it here",
    ),
    Program::new("sentry", "Sentry CLI", &["~/.sentryclirc"], "https://sentry.io/settings/account/api/auth-tokens/")
        .names(&["api_key"])
        .variables(&["SENTRY_AUTH_TOKEN"]),
    Program::new("circleci", "CircleCI CLI", &["~/.circleci/cli.yml"], "https://app.circleci.com/settings/user/tokens")
        .variables(&["CIRCLECI_CLI_TOKEN", "CIRCLE_TOKEN"]),
    Program::new("jfrog", "JFrog CLI", &["$JFROG_CLI_HOME_DIR/jfrog-cli.conf.v*", "~/.jfrog/jfrog-cli.conf.v*"], "the page Access Tokens of the server; `jf config remove` removes it here only")
        .names(&["password"]),
];

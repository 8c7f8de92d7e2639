//! Clouds, clusters and what configures them.

use super::Program;

pub(super) const PROGRAMS: &[Program] = &[
    Program::new(
        "gcloud",
        "Google Cloud CLI",
        &[
            "$CLOUDSDK_CONFIG/credentials.db",
            "$CLOUDSDK_CONFIG/access_tokens.db",
            "$CLOUDSDK_CONFIG/application_default_credentials.json",
            "~/.config/gcloud/credentials.db",
            "~/.config/gcloud/access_tokens.db",
            "~/.config/gcloud/application_default_credentials.json",
            "~/.config/gcloud/legacy_credentials/*/adc.json",
        ],
        "`gcloud auth revoke ACCOUNT`, `gcloud auth application-default revoke`",
    )
    .variables(&["CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"])
    .prints("gcloud auth print-access-token"),
    Program::new(
        "gke",
        "GKE's plugin for kubectl",
        &["~/.kube/gke_gcloud_auth_plugin_cache"],
        "`gcloud auth revoke ACCOUNT`",
    )
    .prints("gke-gcloud-auth-plugin"),
    Program::new(
        "az",
        "Azure CLI",
        &[
            "$AZURE_CONFIG_DIR/msal_token_cache.json",
            "$AZURE_CONFIG_DIR/service_principal_entries.json",
            "~/.azure/msal_token_cache.json",
            "~/.azure/service_principal_entries.json",
            "~/.azure/accessTokens.json",
        ],
        "`az logout` here; sessions at https://mysignins.microsoft.com/security-info",
    )
    .names(&["client_secret"])
    .prints("az account get-access-token"),
    Program::new(
        "azd",
        "Azure Developer CLI",
        &["$AZD_CONFIG_DIR/auth/msal/*.json", "~/.azd/auth/msal/*.json", "~/.azd/auth/*.json"],
        "`azd auth logout` here; sessions at https://mysignins.microsoft.com/security-info",
    )
    .names(&["client_secret"])
    .prints("azd auth token --output json"),
    Program::new("aws-sso", "AWS IAM Identity Center", &["~/.aws/sso/cache/*.json"], "`aws sso logout`")
        .names(&["clientSecret"]),
    Program::new(
        "aws",
        "AWS CLI",
        &["$AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", "~/.aws/cli/cache/*.json", "~/.aws/login/cache/*.json"],
        "`aws iam delete-access-key`; for a role, revoke its active sessions in IAM",
    )
    .names(&["aws_secret_access_key", "SecretAccessKey"])
    .variables(&["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"]),
    Program::new("openshift", "OpenShift CLI", &["$KUBECONFIG", "~/.kube/config"], "`oc logout`")
        .only(&["sha256~"])
        .prints("oc whoami --show-token"),
    Program::new(
        "kubectl",
        "kubectl",
        &["$KUBECONFIG", "~/.kube/config"],
        "at the identity provider; for a service account `kubectl delete secret`, or delete the account",
    )
    .names(&["password"]),
    Program::new(
        "kubelogin",
        "kubectl oidc-login",
        &["$KUBECACHEDIR/oidc-login/*", "~/.kube/cache/oidc-login/*"],
        "`kubectl oidc-login clean` here; end the session at the identity provider",
    )
    .or_keyring(),
    Program::new(
        "azure-kubelogin",
        "Azure kubelogin",
        &["~/.kube/cache/kubelogin/*"],
        "`kubelogin remove-tokens` here; sessions at https://mysignins.microsoft.com/security-info",
    ),
    Program::new(
        "terraform",
        "Terraform CLI",
        &["$TF_CLI_CONFIG_FILE", "~/.terraform.d/credentials.tfrc.json", "~/.terraformrc"],
        "`terraform logout`; https://app.terraform.io/app/settings/tokens",
    )
    .variables(&["TF_TOKEN_app_terraform_io", "TFE_TOKEN"]),
    Program::new("vault", "HashiCorp Vault", &["~/.vault-token"], "`vault token revoke -self`")
        .variables(&["VAULT_TOKEN", "BAO_TOKEN"])
        .prints("vault print token"),
    Program::new("consul", "HashiCorp Consul, Nomad", &[], "`consul acl token delete`, `nomad acl token delete`")
        .variables(&["CONSUL_HTTP_TOKEN", "NOMAD_TOKEN"]),
    Program::new(
        "pulumi",
        "Pulumi",
        &["$PULUMI_HOME/credentials.json", "~/.pulumi/credentials.json"],
        "https://app.pulumi.com/account/tokens; `pulumi logout` removes it here only",
    )
    .variables(&["PULUMI_ACCESS_TOKEN"]),
    Program::new(
        "doctl",
        "DigitalOcean CLI",
        &["~/.config/doctl/config.yaml", "~/Library/Application Support/doctl/config.yaml"],
        "https://cloud.digitalocean.com/account/api/tokens; `doctl auth remove` removes it here only",
    )
    .variables(&["DIGITALOCEAN_ACCESS_TOKEN"]),
    Program::new(
        "linode",
        "Linode CLI",
        &["~/.config/linode-cli", "~/.linode-cli"],
        "https://cloud.linode.com/profile/tokens",
    )
    .variables(&["LINODE_CLI_TOKEN", "LINODE_TOKEN"]),
    Program::new(
        "hcloud",
        "Hetzner Cloud CLI",
        &["$HCLOUD_CONFIG", "~/.config/hcloud/cli.toml"],
        "https://console.hetzner.cloud: Security, API tokens",
    )
    .variables(&["HCLOUD_TOKEN"]),
    Program::new(
        "databricks",
        "Databricks CLI",
        &["$DATABRICKS_CONFIG_FILE", "~/.databrickscfg", "~/.databricks/token-cache.json"],
        "`databricks tokens delete ID`; sessions in the workspace's settings",
    )
    .names(&["client_secret", "password"])
    .variables(&["DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET"])
    .prints("databricks auth token"),
    Program::new(
        "snowflake",
        "Snowflake CLI",
        &[
            "$SNOWFLAKE_HOME/config.toml",
            "$SNOWFLAKE_HOME/connections.toml",
            "~/.snowflake/config.toml",
            "~/.snowflake/connections.toml",
            "~/.config/snowflake/config.toml",
            "~/.config/snowflake/connections.toml",
            "~/.cache/snowflake/credential_cache_v1.json",
        ],
        "`ALTER USER … REMOVE PROGRAMMATIC ACCESS TOKEN NAME`, or change the password",
    )
    .names(&["password", "private_key_passphrase"])
    .variables(&["SNOWFLAKE_PASSWORD", "SNOWFLAKE_TOKEN"]),
    Program::new("cf", "Cloud Foundry CLI", &["$CF_HOME/.cf/config.json", "~/.cf/config.json"], "`cf logout`")
        .names(&["UAAOAuthClientSecret"])
        .prints("cf oauth-token"),
    Program::new(
        "ibmcloud",
        "IBM Cloud CLI",
        &["$IBMCLOUD_HOME/.bluemix/config.json", "~/.bluemix/config.json"],
        "`ibmcloud logout`",
    )
    .variables(&["IBMCLOUD_API_KEY", "IC_API_KEY"])
    .prints("ibmcloud iam oauth-tokens --output JSON"),
    Program::new(
        "argocd",
        "Argo CD",
        &["$ARGOCD_CONFIG_DIR/config", "~/.config/argocd/config", "~/.argocd/config"],
        "`argocd logout CONTEXT`; `argocd account delete-token`",
    )
    .variables(&["ARGOCD_AUTH_TOKEN"]),
    Program::new(
        "rclone",
        "rclone",
        &["$RCLONE_CONFIG", "~/.config/rclone/rclone.conf"],
        "`rclone config disconnect REMOTE:`, or at the host named beside it",
    )
    .names(&["client_secret", "secret_access_key"]),
];

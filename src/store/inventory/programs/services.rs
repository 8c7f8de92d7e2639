//! Hosting, services, assistants, and the four systems that have a provider of their own here.

use super::Program;

pub(super) const PROGRAMS: &[Program] = &[
    Program::new(
        "netlify",
        "Netlify CLI",
        &["~/.config/netlify/config.json", "~/Library/Preferences/netlify/config.json"],
        "https://app.netlify.com/user/applications; `netlify logout` removes it here only",
    )
    .variables(&["NETLIFY_AUTH_TOKEN"]),
    Program::new(
        "vercel",
        "Vercel CLI",
        &["~/.local/share/com.vercel.cli/auth.json", "~/Library/Application Support/com.vercel.cli/auth.json"],
        "`vercel logout`; https://vercel.com/account/tokens",
    )
    .variables(&["VERCEL_TOKEN"]),
    Program::new(
        "firebase",
        "Firebase CLI",
        &["~/.config/configstore/firebase-tools.json"],
        "`firebase logout`; https://myaccount.google.com/connections",
    )
    .variables(&["FIREBASE_TOKEN"]),
    Program::new(
        "cloudflare",
        "Cloudflare Wrangler",
        &[
            "~/.config/.wrangler/config/default.toml",
            "~/.wrangler/config/default.toml",
            "~/Library/Preferences/.wrangler/config/default.toml",
        ],
        "`wrangler logout`; https://dash.cloudflare.com/profile/api-tokens",
    )
    .variables(&["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CF_API_TOKEN"]),
    Program::new(
        "fly",
        "Fly.io",
        &["$FLY_CONFIG_DIR/config.yml", "~/.fly/config.yml"],
        "`fly tokens revoke ID`, `fly auth logout`",
    )
    .variables(&["FLY_API_TOKEN", "FLY_ACCESS_TOKEN"])
    .prints("fly auth token"),
    Program::new(
        "railway",
        "Railway",
        &["~/.railway/config.json"],
        "https://railway.com/account/tokens; `railway logout`",
    )
    .variables(&["RAILWAY_TOKEN", "RAILWAY_API_TOKEN"]),
    Program::new(
        "supabase",
        "Supabase CLI",
        &["~/.supabase/access-token"],
        "https://supabase.com/dashboard/account/tokens; `supabase logout` removes it here only",
    )
    .variables(&["SUPABASE_ACCESS_TOKEN"])
    .or_keyring(),
    Program::new(
        "salesforce",
        "Salesforce CLI",
        &["~/.sfdx/*@*.json", "~/.sf/*@*.json"],
        "`sf org logout`; the page Session Management of the org",
    )
    .variables(&["SF_ACCESS_TOKEN"])
    .or_keyring(),
    Program::new(
        "huggingface",
        "Hugging Face",
        &[
            "$HF_TOKEN_PATH",
            "$HF_HOME/token",
            "$HF_HOME/stored_tokens",
            "~/.cache/huggingface/token",
            "~/.cache/huggingface/stored_tokens",
            "~/.huggingface/token",
        ],
        "https://huggingface.co/settings/tokens; `hf auth logout` removes it here only",
    )
    .variables(&["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]),
    Program::new(
        "stripe",
        "Stripe CLI",
        &["$XDG_CONFIG_HOME/stripe/config.toml", "~/.config/stripe/config.toml"],
        "https://dashboard.stripe.com/apikeys; `stripe logout --all` removes it here only",
    )
    .names(&["api_key"])
    .variables(&["STRIPE_API_KEY", "STRIPE_SECRET_KEY"])
    .or_keyring(),
    Program::new(
        "ngrok",
        "ngrok",
        &["~/.config/ngrok/ngrok.yml", "~/Library/Application Support/ngrok/ngrok.yml", "~/.ngrok2/ngrok.yml"],
        "https://dashboard.ngrok.com/authtokens",
    )
    .names(&["api_key"])
    .variables(&["NGROK_AUTHTOKEN", "NGROK_API_KEY"]),
    Program::new(
        "codex",
        "Codex CLI",
        &["$CODEX_HOME/auth.json", "~/.codex/auth.json"],
        "`codex logout` here; https://chatgpt.com/#settings/Security, https://platform.openai.com/api-keys",
    )
    .names(&["OPENAI_API_KEY"])
    .variables(&["OPENAI_API_KEY", "CODEX_API_KEY"])
    .or_keyring(),
    Program::new(
        "gemini",
        "Gemini CLI",
        &["~/.gemini/oauth_creds.json", "~/.gemini/.env"],
        "https://myaccount.google.com/connections, https://aistudio.google.com/apikey",
    )
    .names(&["API_KEY"])
    .variables(&["GEMINI_API_KEY", "GOOGLE_API_KEY"])
    .or_keyring(),
    Program::new(
        "claude",
        "Claude Code",
        &["$CLAUDE_CONFIG_DIR/.credentials.json", "~/.claude/.credentials.json", "~/.claude.json"],
        "https://claude.ai/settings, https://console.anthropic.com/settings/keys; `/logout` removes it here only",
    )
    .names(&["primaryApiKey", "API_KEY"])
    .variables(&["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"])
    .or_keyring(),
    Program::new(
        "copilot",
        "GitHub Copilot",
        &["~/.config/github-copilot/hosts.json", "~/.config/github-copilot/apps.json", "~/.copilot/config.json"],
        "https://github.com/settings/applications",
    )
    .variables(&["COPILOT_GITHUB_TOKEN"])
    .or_keyring(),
    Program::new(
        "mcp",
        "MCP clients",
        &[
            "$MCP_REMOTE_CONFIG_DIR/*/*_tokens.json",
            "~/.mcp-auth/*/*_tokens.json",
            "~/.cursor/mcp.json",
            "~/.vscode/mcp.json",
            "~/.config/Code/User/mcp.json",
            "~/.codeium/windsurf/mcp_config.json",
            "~/.config/Claude/claude_desktop_config.json",
            "~/Library/Application Support/Claude/claude_desktop_config.json",
        ],
        "at the server named beside it",
    )
    .names(&["API_KEY", "PASSWORD", "SECRET"]),
    Program::new(
        "practicus",
        "Practicus AI's client",
        &["~/.practicus/core.conf"],
        "the console's page Tokens; change the password",
    )
    .names(&["password"])
    .variables(&["PRT_TOKEN", "PRT_REFRESH_TOKEN"]),
    Program::new("seta", "SeTA", &[], "its page of the session: log out").variables(&[
        "SETA_TOKEN",
        "SETA_ACCESS_TOKEN",
        "SETA_REFRESH_TOKEN",
    ]),
    Program::new("passwork", "Passwork's client", &[], "the page of your sessions: end it").variables(&[
        "PASSWORK_TOKEN",
        "PASSWORK_REFRESH_TOKEN",
        "PASSWORK_MASTER_KEY",
    ]),
    Program::new("openedx", "Open edX's clients", &[], "the page /oauth2/authorized_tokens/ of the LMS")
        .names(&["client_secret"])
        .variables(&["EDX_TOKEN", "OPENEDX_TOKEN", "EDX_CLIENT_SECRET", "OPENEDX_CLIENT_SECRET"]),
];

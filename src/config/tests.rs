use rstest::rstest;

use super::*;

fn sources(file: Option<&str>, variables: &[(&str, &str)]) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        std::fs::write(folder.path().join("errand.toml"), text).unwrap();
    }
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sources = Sources { file: None, folder: folder.path().to_owned(), variables };
    (folder, sources)
}

fn read(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    sources(file, variables).1.read()
}

fn refused(file: Option<&str>, variables: &[(&str, &str)]) -> String {
    read(file, variables).map(|settings| settings.config).unwrap_err().to_string()
}

#[test]
fn the_defaults_are_complete_and_make_sense() {
    let Config { server, database, files, redis, auth, mcp, rooms, oauth, limits, agent, telemetry } =
        read(None, &[]).unwrap().config;
    assert_eq!((mcp.session_idle, mcp.sessions_per_user), (Duration::from_hours(24), 32));
    assert!(mcp.anonymous.is_none() && mcp.allowed_hosts.is_empty());
    assert_eq!(server.listen.to_string(), "127.0.0.1:8000");
    assert_eq!(server.listen_chasqui.to_string(), "127.0.0.1:8080");
    assert_eq!(server.max_body, 1 << 20);
    assert_eq!(server.trusted_proxies, Networks::default());
    assert_eq!(server.shutdown_grace, Duration::from_secs(10));
    assert_eq!(database.url.expose(), "sqlite:data/errand.db");
    assert_eq!((database.connections, database.replay), (8, 1000));
    assert!(files.url.is_none());
    assert_eq!(auth.token_lifetime, Duration::from_hours(24));
    assert!(auth.secret.is_none() && redis.url.is_none());
    assert!(auth.jwks_url.is_none() && auth.issuer.is_none() && auth.audience.is_none());
    assert_eq!(oauth.access_token_lifetime, Duration::from_hours(1));
    assert_eq!(oauth.refresh_token_lifetime, Duration::from_hours(30 * 24));
    assert!(!oauth.loopback_documents);
    assert_eq!(rooms.access_token_lifetime, Duration::from_mins(30));
    assert_eq!(rooms.refresh_token_lifetime, Duration::from_hours(7 * 24));
    assert!(telemetry.metrics && telemetry.metrics_token.is_none());
    assert_eq!(limits.chat, Limit { max: 100, per: Duration::from_hours(1) });
    assert_eq!(limits.uploads, Limit { max: 10, per: Duration::from_hours(1) });
    assert_eq!(limits.v1, Limit { max: 100, per: Duration::from_mins(1) });
    assert_eq!((agent.model_calls, agent.tool_calls, agent.context_tokens), (8, 24, 6000));
    assert!(agent.provider().is_none());
    assert_eq!(telemetry.format, LogFormat::Text);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = "[server]\nlisten = \"127.0.0.1:1\"\nmax_body = \"2 MiB\"\n[limits]\nchat = { max = 7 }\n";
    let settings = read(Some(file), &[("ERRAND_SERVER__LISTEN", "127.0.0.1:2")]).unwrap();
    assert_eq!(settings.config.server.listen.port(), 2);
    assert_eq!(settings.config.server.max_body, 2 << 20);
    assert_eq!(settings.config.limits.chat, Limit { max: 7, per: Duration::from_hours(1) });
    assert_eq!(settings.origin("server.listen").unwrap(), "the environment variable ERRAND_SERVER__LISTEN");
    assert!(settings.origin("server.max_body").unwrap().ends_with("errand.toml"));
    assert_eq!(settings.origin("server.shutdown_grace"), None);
}

#[test]
fn short_names() {
    let variables = [
        ("ERRAND_LISTEN", "[::1]:9"),
        ("ERRAND_LISTEN_CHASQUI", "off"),
        ("ERRAND_DATABASE_URL", "postgres://ann:pa55word@db/errand"),
        ("DATABASE_URL", "sqlite:elsewhere.db"),
        ("ERRAND_RATE_LIMITS", "off"),
        ("JWT_SECRET", "12345678901234567890123456789012"),
        ("JWKS_URL", "https://app.example.com/api/auth/jwks"),
        ("JWT_ISSUER", "https://app.example.com"),
        ("JWT_AUDIENCE", "4711"),
        ("OPENAI_API_KEY", "sk-very-secret"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"),
        ("OPENAI_MODEL", "4"),
        ("REDIS_URL", "redis://:pa55word@cache:6379/1"),
        ("ERRAND_LOG", "debug"),
        ("ERRAND_AGENT__PROVIDER__TEMPERATURE", "0.5"),
        ("ERRAND_AGENT__MODEL_CALLS", "3"),
    ];
    let Config { server, database, files: _, redis, auth, mcp: _, rooms: _, oauth: _, limits, agent, telemetry } =
        read(None, &variables).unwrap().config;
    assert_eq!(server.listen.to_string(), "[::1]:9");
    assert_eq!(server.listen_chasqui, Listen::Off);
    assert_eq!(database.url.expose(), "postgres://ann:pa55word@db/errand");
    assert_eq!(redis.url.unwrap().expose(), "redis://:pa55word@cache:6379/1");
    assert!(!limits.enabled);
    assert_eq!(auth.secret.unwrap().expose(), "12345678901234567890123456789012");
    assert_eq!(auth.jwks_url.as_deref(), Some("https://app.example.com/api/auth/jwks"));
    assert_eq!((auth.issuer.as_deref(), auth.audience.as_deref()), (Some("https://app.example.com"), Some("4711")));
    assert!(agent.provider().is_some());
    assert_eq!(agent.provider.api_key.unwrap().expose(), "sk-very-secret");
    assert_eq!((agent.provider.model.as_str(), agent.provider.temperature, agent.model_calls), ("4", Some(0.5), 3));
    assert_eq!(telemetry.log, "debug");
}

#[test]
fn a_token_that_could_be_guessed_is_refused() {
    let told = refused(None, &[("ERRAND_TELEMETRY__METRICS_TOKEN", "0123456789abcde")]);
    assert!(told.contains("telemetry.metrics_token") && told.contains("16 bytes"), "{told}");
}

#[test]
fn a_wrong_address_of_redis_is_refused_without_its_password() {
    let told = refused(None, &[("REDIS_URL", "http://:pa55word@cache")]);
    assert!(told.contains("redis.url") && told.contains("redis://") && !told.contains("pa55word"), "{told}");
}

#[rstest]
#[case("JWT_ISSUER", "auth.issuer")]
#[case("JWT_AUDIENCE", "auth.audience")]
fn claims_of_tokens_without_the_keys_to_them_are_refused(#[case] variable: &str, #[case] key: &str) {
    let told = refused(None, &[(variable, "https://app.example.com")]);
    for word in [variable, key, "auth.jwks_url", "JWKS_URL"] {
        assert!(told.contains(word), "{told}");
    }
    let keys = ("JWKS_URL", "https://app.example.com/api/auth/jwks");
    assert!(read(None, &[(variable, "https://app.example.com"), keys]).is_ok());
}

#[rstest]
#[case("127.0.0.1:8000", None)]
#[case("[::1]:8000", None)]
#[case("0.0.0.0:8000", Some("this machine's own address"))]
#[case("[::]:8000", Some("this machine's own address"))]
#[case("192.0.2.1:8000", Some("this machine's own address"))]
fn nobody_comes_in_without_a_token_but_the_conformance_suite_on_this_machine(
    #[case] listen: &str,
    #[case] fault: Option<&str>,
) {
    let fixtures = cfg!(feature = "conformance-fixtures");
    let fault = if fixtures { fault } else { Some("only for builds with the feature conformance-fixtures") };
    let variables = [("ERRAND_MCP_ANONYMOUS", "loopback"), ("ERRAND_LISTEN", listen)];
    match fault {
        None => assert!(read(None, &variables).unwrap().config.mcp.anonymous.is_some()),
        Some(why) => {
            let told = refused(None, &variables);
            assert!(
                told.contains("mcp.anonymous") && told.contains("ERRAND_MCP_ANONYMOUS") && told.contains(why),
                "{told}"
            );
        }
    }
}

#[test]
fn networks_are_a_list_or_a_text_with_commas() {
    let read = |file, variables| read(file, variables).unwrap().config.server.trusted_proxies;
    let list = read(Some("[server]\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n"), &[]);
    assert_eq!(list, read(None, &[("ERRAND_SERVER__TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")]));
    let contains = |address: &str| list.contain(address.parse().unwrap());
    assert!(contains("127.0.0.1") && contains("10.200.0.1") && !contains("127.0.0.2") && !contains("::1"));
    for wrong in ["localhost", "10.0.0.0/33", "10.0.0.1-10.0.0.9"] {
        let told = refused(None, &[("ERRAND_SERVER__TRUSTED_PROXIES", wrong)]);
        assert!(told.contains("server.trusted_proxies") && told.contains(wrong), "{told}");
    }
    assert!(refused(Some("[server]\ntrusted_proxies = 7\n"), &[]).contains("must be a list"));
}

#[test]
fn an_empty_variable_is_not_set() {
    let config = read(None, &[("OPENAI_API_KEY", ""), ("ERRAND_LISTEN", "")]).unwrap().config;
    assert!(config.agent.provider().is_none());
    assert_eq!(config.server.listen.port(), 8000);
}

#[test]
fn variables_that_may_be_mistakes_are_told() {
    let variables =
        [("ERRAND_LISTN", "x"), ("ERRAND_TOKEN", "x"), ("ERRAND_TEST_REQUIRE_SERVICES", "1"), ("HOME", "/")];
    assert_eq!(read(None, &variables).unwrap().strangers, ["ERRAND_LISTN"]);
}

#[rstest]
#[case("[server]\nlisen = \"x\"", "server.lisen is no setting; there are listen,")]
#[case("[sever]\nlisten = \"x\"", "sever is no setting; there are server,")]
#[case("[server]\nlisten = \"8000\"", "server.listen must be an address and a port, such as ")]
#[case("[server]\nlisten = 8000", "server.listen must be an address and a port, such as ")]
#[case("[server]\nlisten_chasqui = \"8080\"", "server.listen_chasqui must be an address and a port, such as ")]
#[case("[server]\nlisten_chasqui = false", "or \"off\"")]
#[case("[server]\nlisten_chasqui = \"127.0.0.1:8000\"", "server.listen_chasqui must not be server.listen")]
#[case("[server]\nshutdown_grace = \"soon\"", "server.shutdown_grace must be a duration such as \"30s\"")]
#[case("[server]\nshutdown_grace = \"0s\"", "server.shutdown_grace must be longer than nothing")]
#[case("[server]\nmax_body = \"big\"", "server.max_body must be a size such as")]
#[case("[server]\nmax_body = \"65 MiB\"", "server.max_body must be between 1024 and 67108864 bytes")]
#[case("[server]\npublic_url = \"errand\"", "server.public_url must begin with http:// or https://")]
#[case("[auth]\njwks_url = \"app.example.com/jwks\"", "auth.jwks_url must begin with http:// or https://")]
#[case("[database]\nurl = \"mysql://x\"", "database.url must begin with sqlite: or postgres://")]
#[case("[database]\nurl = \"sqlite::memory:\"", "database.url must be a file")]
#[case("[database]\nconnections = 0", "database.connections must be between 1 and 1000, not 0")]
#[case("[database]\nconnections = true", "database.connections must be u32, not bool true")]
#[case("[limits]\nchat = { max = 0 }", "limits.chat.max must be between 1")]
#[case("[limits]\nchat = { most = 1 }", "limits.chat.most is no setting; there are max, per here")]
#[case("[limits]\nenabled = \"perhaps\"", "limits.enabled must be true or false")]
#[case("[agent.provider]\nretries = 11", "agent.provider.retries must be between 0 and 10, not 11")]
#[case("[agent.provider]\ntemperature = 3", "agent.provider.temperature must be between 0 and 2, not 3")]
#[case("[agent.provider]\nmodel = \"\"", "agent.provider.model must name a model")]
#[case("[telemetry]\nformat = \"xml\"", "telemetry.format cannot be \"xml\", only text or json")]
#[case("[telemetry]\nlog = \"errand=loud\"", "telemetry.log must be a filter")]
#[case("[server", "TOML")]
fn what_is_wrong_is_said_with_its_place(#[case] file: &str, #[case] expected: &str) {
    let message = refused(Some(file), &[]);
    assert!(message.contains(expected), "{message}");
    assert!(message.contains("errand.toml: "), "{message}");
    assert!(!message.contains("default."), "{message}");
}

#[test]
fn a_wrong_variable_is_named() {
    let message = refused(None, &[("ERRAND_SERVER__LISEN", "x")]);
    assert!(
        message.starts_with("in the environment variable ERRAND_SERVER__LISEN: server.lisen is no setting"),
        "{message}"
    );
    let message = refused(None, &[("ERRAND_DATABASE__CONNECTIONS", "many")]);
    assert!(message.starts_with("in the environment variable ERRAND_DATABASE__CONNECTIONS: "), "{message}");
    let message = refused(None, &[("ERRAND_RATE_LIMITS", "perhaps")]);
    assert!(message.starts_with("in the environment variable ERRAND_RATE_LIMITS: limits.enabled must be"), "{message}");
}

#[test]
fn a_secret_of_the_wrong_type_is_not_shown() {
    let message = refused(Some("[auth]\nsecret = 1234567890"), &[]);
    assert!(!message.contains("1234567890"), "{message}");
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let (_folder, mut sources) = sources(None, &[]);
    sources.file = Some("nowhere/errand.toml".into());
    let message = sources.read().map(|settings| settings.config).unwrap_err().to_string();
    assert!(message.starts_with("the settings in nowhere/errand.toml cannot be read: "), "{message}");
}

#[test]
fn what_is_printed_hides_secrets_says_origins_and_can_be_read_again() {
    let variables = [
        ("DATABASE_URL", "postgres://ann:pa55word@db/errand"),
        ("OPENAI_API_KEY", "sk-very-secret"),
        ("JWT_SECRET", "12345678901234567890123456789012"),
    ];
    let settings = read(None, &variables).unwrap();
    let printed = settings.to_toml().unwrap();
    for secret in ["pa55word", "sk-very-secret", "12345678901234567890"] {
        assert!(!printed.contains(secret) && !format!("{:?}", settings.config).contains(secret), "{printed}");
    }
    assert!(
        printed.contains("url = \"postgres://ann:********@db/errand\"  # from the environment variable DATABASE_URL")
    );
    assert!(printed.contains("\n[limits.chat]\nmax = 100\nper = \"1h\"\n"), "{printed}");
    assert!(printed.contains("listen_chasqui = \"127.0.0.1:8080\"\n"), "{printed}");
    assert!(printed.contains("max_body = \"1.0 MiB\"\n"), "{printed}");
    assert_eq!(read(Some(&printed), &[]).unwrap().to_toml().unwrap().lines().count(), printed.lines().count());
}

#[rstest]
#[case("file:/var/lib/errand/files", FilesUrl::Folder("/var/lib/errand/files".into()))]
#[case("s3://pictures", FilesUrl::S3 { bucket: "pictures".into(), prefix: String::new() })]
#[case("s3://pictures/of/ours/", FilesUrl::S3 { bucket: "pictures".into(), prefix: "of/ours".into() })]
fn where_files_are(#[case] url: &str, #[case] expected: FilesUrl) {
    assert_eq!(read(None, &[("ERRAND_FILES__URL", url)]).unwrap().config.files.url, Some(expected));
}

#[rstest]
#[case("/var/lib")]
#[case("file:")]
#[case("s3://")]
#[case("s3:///of/ours")]
#[case("https://bucket.example.com")]
fn where_files_cannot_be(#[case] url: &str) {
    let told = refused(None, &[("ERRAND_FILES__URL", url)]);
    assert!(told.contains("must be file:PATH or s3://bucket/prefix"), "{told}");
}

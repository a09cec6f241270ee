//! Where settings come from: the defaults in the binary, a file, the environment, in this order; the later one wins.
//!
//! To add a short name for an environment variable: a line in [`SHORT_NAMES`], and in the head of `config.default.toml`.

use std::{io, path::PathBuf};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};

use super::{Config, ConfigError};

/// The defaults, as they are in the repository.
const DEFAULTS: &str = include_str!("../../config.default.toml");

/// What is read when no file is named and there is one.
const FILE: &str = "errand.toml";

/// The defaults' name in messages.
pub(super) const BUILT_IN: &str = "the defaults";

/// Environment variables that others know already, or that are typed often.
const SHORT_NAMES: [(&str, &str); 15] = [
    ("DATABASE_URL", "database.url"),
    ("ERRAND_DATABASE_URL", "database.url"),
    ("ERRAND_LISTEN", "server.listen"),
    ("ERRAND_LISTEN_CHASQUI", "server.listen_chasqui"),
    ("ERRAND_LOG", "telemetry.log"),
    ("ERRAND_MCP_ANONYMOUS", "mcp.anonymous"),
    ("ERRAND_RATE_LIMITS", "limits.enabled"),
    ("JWKS_URL", "auth.jwks_url"),
    ("JWT_AUDIENCE", "auth.audience"),
    ("JWT_ISSUER", "auth.issuer"),
    ("JWT_SECRET", "auth.secret"),
    ("OPENAI_API_KEY", "agent.provider.api_key"),
    ("OPENAI_BASE_URL", "agent.provider.base_url"),
    ("OPENAI_MODEL", "agent.provider.model"),
    ("REDIS_URL", "redis.url"),
];

/// Where to read from; tests make their own.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file that was asked for; it must be there.
    pub file: Option<PathBuf>,
    /// Where `errand.toml` is looked for when none was asked for.
    pub folder: PathBuf,
    /// The environment: names and values.
    pub variables: Vec<(String, String)>,
}

/// The settings that hold, and where each came from.
#[derive(Debug)]
pub struct Settings {
    /// The settings.
    pub config: Config,
    /// Environment variables that look like settings and are none: worth a line in the log.
    pub strangers: Vec<String>,
    merged: Figment,
}

impl Sources {
    /// The process's own environment and working directory, and the file that the command line names.
    #[must_use]
    pub fn of_process(file: Option<PathBuf>) -> Self {
        let text = |os: std::ffi::OsString| os.into_string().ok();
        let variables = std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect();
        Self { file, folder: PathBuf::new(), variables }
    }

    /// Reads, merges and checks.
    ///
    /// # Errors
    /// [`ConfigError`]: a file that cannot be read, or settings that are unknown or make no sense, each with where it came from.
    pub fn read(&self) -> Result<Settings, ConfigError> {
        let defaults = Figment::from(Document { name: BUILT_IN.to_owned(), text: DEFAULTS.to_owned() });
        let mut merged = defaults.clone();
        if let Some(document) = self.document()? {
            merged = merged.merge(document);
        }
        let mut strangers = Vec::new();
        for (name, value) in self.variables() {
            match setting_of(name) {
                Some(key) => merged = merged.merge(Variable::new(name, key, value, &defaults)),
                None if is_stranger(name) => strangers.push(name.clone()),
                None => {}
            }
        }
        let config: Config = merged.extract().map_err(ConfigError::from_figment)?;
        let problems = config.problems();
        if problems.is_empty() {
            return Ok(Settings { config, strangers, merged });
        }
        Err(ConfigError::Wrong(
            problems.into_iter().map(|(key, rule)| super::error::wrong(&merged, key, &rule)).collect(),
        ))
    }

    fn document(&self) -> Result<Option<Document>, ConfigError> {
        let path = self.file.clone().unwrap_or_else(|| self.folder.join(FILE));
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Document { name: path.display().to_string(), text })),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.file.is_none() => Ok(None),
            Err(error) => Err(ConfigError::Unreadable { path, error }),
        }
    }

    /// The variables that say something, general names last: `ERRAND_DATABASE_URL` wins over `DATABASE_URL`, a long name over both.
    fn variables(&self) -> Vec<&(String, String)> {
        let mut variables: Vec<_> = self.variables.iter().filter(|(_, value)| !value.is_empty()).collect();
        variables.sort_by_key(|(name, _)| (name.contains("__"), name.starts_with("ERRAND_"), name));
        variables
    }
}

impl Settings {
    /// Where the setting came from; nothing for a default.
    #[must_use]
    pub fn origin(&self, key: &str) -> Option<String> {
        origin(&self.merged, key)
    }
}

/// Where the setting came from; nothing for a default, or when there is no such setting.
pub(super) fn origin(merged: &Figment, key: &str) -> Option<String> {
    let name = merged.find_metadata(key)?.name.to_string();
    (name != BUILT_IN).then_some(name)
}

/// Which setting an environment variable is, if it is one.
fn setting_of(name: &str) -> Option<String> {
    if let Some((_, key)) = SHORT_NAMES.iter().find(|(short, _)| *short == name) {
        return Some((*key).to_owned());
    }
    let rest = name.strip_prefix("ERRAND_").filter(|rest| rest.contains("__"))?;
    Some(rest.to_ascii_lowercase().replace("__", "."))
}

/// `ERRAND_LISTN` is probably a mistake. It is told and not refused: orchestrators put variables of their own into the environment.
fn is_stranger(name: &str) -> bool {
    name.starts_with("ERRAND_") && !name.starts_with("ERRAND_TEST_") && name != crate::cli::TOKEN_VARIABLE
}

/// A text in TOML, under a name that messages can use.
struct Document {
    name: String,
    text: String,
}

impl Provider for Document {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        Toml::string(&self.text).data()
    }
}

/// One environment variable.
struct Variable {
    name: String,
    key: String,
    value: Value,
}

impl Variable {
    /// Numbers are read as numbers only where the default is one: a password of digits stays a text.
    fn new(name: &str, key: String, value: &str, defaults: &Figment) -> Self {
        let plain = matches!(defaults.find_value(&key), Ok(Value::Num(..) | Value::Bool(..)));
        let value = if plain { value.parse().unwrap_or_else(|never| match never {}) } else { Value::from(value) };
        Self { name: name.to_owned(), key, value }
    }
}

impl Provider for Variable {
    fn metadata(&self) -> Metadata {
        Metadata::named(format!("the environment variable {}", self.name))
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        let nested = figment::util::nest(&self.key, self.value.clone());
        Ok(nested.into_dict().map(|dict| Profile::Default.collect(dict)).unwrap_or_default())
    }
}

//! What a setting can be: durations and sizes written as people write them, limits, and secrets that do not show themselves.
//!
//! To add a kind of value: a type with `Deserialize` (its error says what is expected) and a `Serialize` that writes what can be read again.

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// What stands where a secret is.
const MASK: &str = "********";

/// A text that is never shown: `Debug`, `Display` and `Serialize` write asterisks.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// The message of a refusal must not have the value either.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self).map_err(|_| D::Error::custom("must be a text, in quotes"))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

/// Where the database is; a password in it does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The whole text, with the password.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The file, when it is `SQLite`.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<&std::path::Path> {
        let path = self.0.strip_prefix("sqlite:")?;
        Some(std::path::Path::new(path.trim_start_matches("//")))
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let url = String::deserialize(deserializer)?;
        let file = url.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
        let server = url.starts_with("postgres://") || url.starts_with("postgresql://");
        match file {
            Some("") => Err(D::Error::custom("must name a file after sqlite:")),
            Some(path) if path.contains(":memory:") => {
                Err(D::Error::custom("must be a file: a database in memory would be another one for each connection"))
            }
            None if !server => Err(D::Error::custom("must begin with sqlite: or postgres://")),
            Some(_) | None => Ok(Self(url)),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sqlite_path().is_some() {
            return f.write_str(&self.0);
        }
        let masked = reqwest::Url::parse(&self.0)
            .ok()
            .and_then(|mut url| (url.password().is_none() || url.set_password(Some(MASK)).is_ok()).then_some(url));
        f.write_str(masked.as_ref().map_or(MASK, reqwest::Url::as_str))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where files are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesUrl {
    /// In a folder on this machine.
    Folder(PathBuf),
    /// At a service that speaks like Amazon's S3.
    S3 {
        /// The bucket.
        bucket: String,
        /// With what all names in it begin; may be empty.
        prefix: String,
    },
}

impl<'de> Deserialize<'de> for FilesUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rule = || D::Error::custom("must be file:PATH or s3://bucket/prefix");
        let url = String::deserialize(deserializer).map_err(|_| rule())?;
        if let Some(path) = url.strip_prefix("file:").filter(|path| !path.is_empty()) {
            return Ok(Self::Folder(path.into()));
        }
        let place = url.strip_prefix("s3://").ok_or_else(rule)?;
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() {
            return Err(rule());
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

impl Serialize for FilesUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Folder(path) => serializer.collect_str(&format_args!("file:{}", path.display())),
            Self::S3 { bucket, prefix } => serializer.collect_str(&format_args!("s3://{bucket}/{prefix}")),
        }
    }
}

/// So many in a window of time; the windows are fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The most in one window, at least 1.
    pub max: u32,
    /// How long a window is.
    #[serde(with = "duration")]
    pub per: Duration,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, an object a line.
    Json,
}

/// Who may come in without a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Anonymous {
    /// Whoever is on this machine.
    Loopback,
}

/// Where a listener listens, unless it is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// At this address and port.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => address.fmt(f),
            Self::Off => f.write_str("off"),
        }
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rule = || D::Error::custom("must be an address and a port, such as \"127.0.0.1:8080\", or \"off\"");
        let text = String::deserialize(deserializer).map_err(|_| rule())?;
        if text == "off" { Ok(Self::Off) } else { text.parse().map(Self::At).map_err(|_| rule()) }
    }
}

impl Serialize for Listen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `"127.0.0.1:8000"`.
pub(super) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let rule = || D::Error::custom("must be an address and a port, such as \"127.0.0.1:8000\" or \"[::1]:8000\"");
    String::deserialize(deserializer).map_err(|_| rule())?.parse().map_err(|_| rule())
}

/// `"30s"`, `"1h 30m"`.
pub(super) mod duration {
    use super::{Deserialize, Deserializer, Duration, Serializer};
    use serde::de::Error as _;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text)
            .map_err(|_| D::Error::custom(format!("must be a duration such as \"30s\" or \"1h\", not {text:?}")))
    }

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_duration(*duration))
    }
}

/// `"1 MiB"`.
pub(super) mod bytes {
    use super::{Deserialize, Deserializer, Serializer};
    use bytesize::ByteSize;
    use serde::de::Error as _;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
        let text = String::deserialize(deserializer)?;
        let size: Option<ByteSize> = text.parse().ok();
        size.and_then(|size| usize::try_from(size.0).ok())
            .ok_or_else(|| D::Error::custom(format!("must be a size such as \"64 KiB\" or \"1 MiB\", not {text:?}")))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` passes references")]
    pub(crate) fn serialize<S: Serializer>(size: &usize, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&ByteSize(*size as u64))
    }
}

/// A list of texts, or one text with commas.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        List(Vec<String>),
        Text(String),
    }
    let texts = match Written::deserialize(deserializer).map_err(|_| D::Error::custom("must be a list of texts"))? {
        Written::List(texts) => texts,
        Written::Text(text) => text.split(',').map(str::to_owned).collect(),
    };
    Ok(texts.into_iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect())
}

/// `true`, `false`, and from the environment also `on` and `off`.
pub(super) fn switch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Bool(bool),
        Word(String),
    }
    match Written::deserialize(deserializer).map_err(|_| D::Error::custom("must be true or false"))? {
        Written::Bool(value) => Ok(value),
        Written::Word(word) => match word.to_ascii_lowercase().as_str() {
            "on" | "true" => Ok(true),
            "off" | "false" => Ok(false),
            other => Err(D::Error::custom(format!("must be true or false (or on or off), not {other:?}"))),
        },
    }
}

/// A decimal number, which the environment can only give as text.
pub(super) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f32),
        Text(String),
    }
    match Written::deserialize(deserializer).map_err(|_| D::Error::custom("must be a number"))? {
        Written::Number(number) => Ok(Some(number)),
        Written::Text(text) => {
            text.parse().map(Some).map_err(|_| D::Error::custom(format!("must be a number, not {text:?}")))
        }
    }
}

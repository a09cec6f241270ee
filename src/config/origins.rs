//! Origins of web pages: `"https://app.example.com"`, `"http://tool.example.com:8080"`, `"http://tool.example.com:*"` for any port.

use std::sync::Arc;

use reqwest::Url;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Some origins. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Arc<[Origin]>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    /// As it was written.
    text: String,
    /// The same without `:*`.
    url: Url,
    any_port: bool,
}

impl Origins {
    /// Whether the page at `origin`, as a browser names it, is one of them.
    #[must_use]
    pub fn contain(&self, origin: &Url) -> bool {
        self.0.iter().any(|known| {
            let mut known_url = known.url.clone();
            if known.any_port && known_url.set_port(origin.port()).is_err() {
                return false;
            }
            same_origin(&known_url, origin)
        })
    }
}

/// Whether two addresses have the same scheme, host and port (RFC 6454, 5).
#[must_use]
pub fn same_origin(one: &Url, other: &Url) -> bool {
    let parts = |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default());
    parts(one) == parts(other)
}

impl Origin {
    fn read(text: &str) -> Option<Self> {
        let (plain, any_port) = text.strip_suffix(":*").map_or((text, false), |plain| (plain, true));
        let url = Url::parse(plain).ok()?;
        let bare = url.path().trim_matches('/').is_empty() && url.query().is_none() && url.fragment().is_none();
        let sensible = url.has_host() && bare && url.username().is_empty() && !(any_port && url.port().is_some());
        sensible.then(|| Self { text: text.to_owned(), url, any_port })
    }
}

impl<'de> Deserialize<'de> for Origins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rule = |text: &str| {
            D::Error::custom(format!("must have origins such as \"https://app.example.com\", not {text:?}"))
        };
        let texts = super::values::texts(deserializer)?;
        texts.iter().map(|text| Origin::read(text).ok_or_else(|| rule(text))).collect::<Result<_, _>>().map(Self)
    }
}

impl Serialize for Origins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|origin| &origin.text))
    }
}

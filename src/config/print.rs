//! The settings that hold, as TOML: what is not a default says where it came from, secrets are masked.

use std::fmt::{self, Write as _};

use toml::{Table, Value};

use super::sources::Settings;

impl Settings {
    /// The settings as TOML, sections in the order of the alphabet.
    ///
    /// # Errors
    /// [`fmt::Error`] if they cannot be written as TOML, which the defaults' test rules out.
    pub fn to_toml(&self) -> Result<String, fmt::Error> {
        let table = Table::try_from(&self.config).map_err(|_| fmt::Error)?;
        let mut out = String::new();
        self.section(&mut out, "", &table)?;
        Ok(out)
    }

    fn section(&self, out: &mut String, name: &str, table: &Table) -> fmt::Result {
        let (sections, values): (Vec<_>, Vec<_>) = table.iter().partition(|(_, value)| value.is_table());
        if !values.is_empty() {
            writeln!(out, "{}[{name}]", if out.is_empty() { "" } else { "\n" })?;
        }
        for (key, value) in values {
            write!(out, "{key} = {value}")?;
            match self.origin(&format!("{name}.{key}")) {
                Some(origin) => writeln!(out, "  # from {origin}")?,
                None => writeln!(out)?,
            }
        }
        for (key, value) in sections {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            if let Value::Table(table) = value {
                self.section(out, &name, table)?;
            }
        }
        Ok(())
    }
}

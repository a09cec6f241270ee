use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::config::Sources;

fn config(folder: &Path, variables: &[(&str, &str)]) -> Config {
    let database = ("ERRAND_DATABASE_URL", format!("sqlite:{}/data/errand.db", folder.display()));
    let mut all = vec![(database.0.to_owned(), database.1)];
    all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Sources { file: None, folder: folder.to_owned(), variables: all }.read().unwrap().config
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn is_made_once_beside_the_database_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), &[]);
    let first = load(&config).unwrap();
    let file = folder.path().join("data/errand.secret");
    assert_eq!(mode(&file), 0o600);
    assert_eq!(first.as_bytes().len(), 64);
    assert_eq!(load(&config).unwrap(), first);
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "no draft is left");
    assert!(!format!("{first:?}").contains(std::str::from_utf8(first.as_bytes()).unwrap()));
}

#[test]
fn many_that_start_at_once_end_with_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), &[]);
    let all: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..16).map(|_| scope.spawn(|| load(&config).unwrap())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(all.iter().all(|secret| *secret == all[0]));
}

#[test]
fn a_configured_one_wins_and_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let secret = load(&config(folder.path(), &[("JWT_SECRET", &"x".repeat(32))])).unwrap();
    assert_eq!(secret.as_bytes(), "x".repeat(32).as_bytes());
    assert!(!folder.path().join("data").exists());
}

#[test]
fn a_short_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = load(&config(folder.path(), &[("JWT_SECRET", &"x".repeat(31))])).unwrap_err();
    assert!(matches!(refused, SecretError::TooShort(31)), "{refused}");
}

#[test]
fn a_file_that_others_can_read_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), &[]);
    load(&config).unwrap();
    let file = folder.path().join("data/errand.secret");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let message = load(&config).unwrap_err().to_string();
    assert!(
        message.contains("(mode 0640)") && message.ends_with(&format!("chmod 600 {}", file.display())),
        "{message}"
    );
}

#[test]
fn a_damaged_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), &[]);
    load(&config).unwrap();
    fs::write(folder.path().join("data/errand.secret"), "short\n").unwrap();
    let refused = load(&config).unwrap_err();
    assert!(matches!(refused, SecretError::Damaged { bytes: 5, .. }), "{refused}");
}

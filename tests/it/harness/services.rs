//! The services that a machine may not have.

use std::io::Write as _;

/// Says so where it is seen: what `eprintln!` prints is only shown of tests that fail.
pub(crate) fn skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    std::io::stderr().write_all(format!("SKIPPED {test}: {why}\n").as_bytes()).unwrap();
}

/// Where Redis is; none, with a printed line, where it is missing.
pub(crate) async fn redis_url() -> Option<String> {
    let url = std::env::var("ERRAND_TEST_REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".into());
    match redis::Client::open(url.as_str()).unwrap().get_multiplexed_async_connection().await {
        Ok(_) => Some(url),
        Err(error) => {
            let required = std::env::var("ERRAND_TEST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
            assert!(!required, "Redis is required and cannot be reached: {error}");
            skipped(&format!("Redis cannot be reached ({error}); set ERRAND_TEST_REDIS_URL"));
            None
        }
    }
}

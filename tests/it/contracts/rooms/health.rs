//! `GET /health`.

use rstest::rstest;
use serde_json::json;

use super::{is_paced, is_time, is_well};
use crate::{
    harness::{Answer, Backend, Server, answer},
    script::Script,
};

async fn ask(server: &Server) -> Answer {
    answer(server.http.get(format!("{}/health", server.base))).await
}

#[rstest]
#[tokio::test]
async fn health_tells_what_really_runs(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::of([])).await else { return };
    let well = ask(&server).await;
    let data = is_well(&well, 200);
    assert_eq!((&data["status"], data["version"].is_string()), (&json!("healthy"), true));
    assert!(is_time(&data["timestamp"]));
    let services = json!({"database": "healthy", "redis": "not_configured", "mongodb": "not_configured"});
    assert_eq!(data["services"], services);
    // As it was before there was this contract.
    assert_eq!((&well.body["status"], &well.body["database"]), (&json!("healthy"), &json!("healthy")));
    assert!(is_time(&well.body["timestamp"]));

    server.app.store.close().await;
    let ill = ask(&server).await;
    is_paced(&ill);
    assert_eq!((ill.status, &ill.body["success"]), (503, &json!(false)));
    assert_eq!(ill.body["error"]["code"], "SERVICE_UNAVAILABLE");
    assert_eq!(ill.body["error"]["details"]["services"]["database"], "unhealthy");
    assert_eq!((&ill.body["status"], &ill.body["database"]), (&json!("unhealthy"), &json!("unhealthy")));
}

#[rstest]
#[tokio::test]
async fn health_is_503_when_redis_is_configured_and_down(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let redis = |config: &mut errand::config::Config| {
        config.redis.url = Some("redis://127.0.0.1:1".to_owned().into());
    };
    let Some(server) = Server::start_with(backend, Script::of([]), redis).await else { return };
    let ill = ask(&server).await;
    assert_eq!(ill.status, 503, "{ill:?}");
    let services = json!({"database": "healthy", "redis": "unhealthy", "mongodb": "not_configured"});
    assert_eq!(ill.body["error"]["details"]["services"], services);
}

#[rstest]
#[tokio::test]
async fn health_is_not_counted(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let one = |config: &mut errand::config::Config| {
        config.limits.enabled = true;
        config.limits.rooms.max = 1;
    };
    let Some(server) = Server::start_with(backend, Script::of([]), one).await else { return };
    for _ in 0..3 {
        is_well(&ask(&server).await, 200);
    }
}

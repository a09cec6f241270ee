//! Errand as it is served, its log included; only the limits are off.

use std::{future::pending, path::Path, time::Duration};

use bytes::Bytes;
use errand::{
    config::Sources,
    serve::{Listeners, Service},
    telemetry,
};
use http_body_util::{BodyExt, Full};
use hyper::{Request, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{Broken, load::Target};

/// Serves Errand on a fresh file in `folder`, with one account that is logged in.
pub(crate) async fn start(folder: &Path) -> Result<Target, Broken> {
    let database = folder.join("errand.db");
    let variables = [
        ("ERRAND_DATABASE_URL", format!("sqlite:{}", database.display())),
        ("ERRAND_LISTEN", "127.0.0.1:0".to_owned()),
        ("ERRAND_LISTEN_CHASQUI", "off".to_owned()),
        ("ERRAND_RATE_LIMITS", "off".to_owned()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let config = Sources { file: None, folder: folder.to_owned(), variables }.read()?.config;
    telemetry::start(&config.telemetry)?;
    let service = Service::open(&config).await?;
    let listeners = Listeners::bind(&config.server).await?;
    let address = listeners.main.local_addr()?;
    tokio::spawn(service.run(listeners, pending(), Duration::ZERO));

    let (mut sender, connection) = http1::handshake(TokioIo::new(TcpStream::connect(address).await?)).await?;
    tokio::spawn(connection);
    let who = json!({"username": "ann", "email": "ann@example.com", "password": "correct horse"});
    ask(&mut sender, "/api/v1/auth/register", &who).await?;
    let token = ask(&mut sender, "/api/v1/auth/login", &who).await?["access_token"].as_str().map(str::to_owned);
    let counts = &[
        ("tasks", "SELECT COUNT(*) FROM tasks"),
        ("events", "SELECT COUNT(*) FROM events"),
        ("lines in the journal", "SELECT COUNT(*) FROM changes"),
    ];
    Ok(Target { name: "errand", address, path: "/api/tasks/", token, database, counts })
}

async fn ask(sender: &mut http1::SendRequest<Full<Bytes>>, path: &str, body: &Value) -> Result<Value, Broken> {
    let request = Request::post(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body.to_string())))?;
    sender.ready().await?;
    let answer = sender.send_request(request).await?;
    Ok(serde_json::from_slice(&answer.into_body().collect().await?.to_bytes())?)
}

//! Errand, with two people who have made tokens for their agents.

use std::path::Path;

use errand::telemetry;
use errand_bench::{
    Broken,
    kept::Kept,
    ours::{self, Errand},
};
use errand_core::{Caller, Door, Scopes, grant::Secret};

use crate::target::{TASKS, Target, call, tasks};

/// Serves it on a fresh file in `folder`, its log included.
pub(crate) async fn start(folder: &Path) -> Result<Target, Broken> {
    let database = folder.join("errand.db");
    let config = ours::config(&format!("sqlite:{}", database.display()), folder)?;
    telemetry::start(&config.telemetry)?;
    let errand = Errand::start(&config).await?;
    let (lists, creates) = (token(&errand, "ann").await?, token(&errand, "bob").await?);
    call(errand.main, Some(lists.expose()), "create_tasks", &tasks(TASKS))?.ask().await?;
    let kept = Kept { database, counts: Kept::OURS };
    Target::new("errand", errand.main, [Some(lists.expose()), Some(creates.expose())], kept)?.checked().await
}

/// A personal token of a new account.
async fn token(errand: &Errand, name: &str) -> Result<Secret, Broken> {
    let caller = Caller::new(&errand.register(name).await?, Door::Rest);
    Ok(errand.state.app.add_personal_token(&caller, "bench", Scopes::ALL, None).await?.1)
}

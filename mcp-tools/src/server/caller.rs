//! Who asks, and how often they may.

use errand_core::{Caller, Door};
use http::request::Parts;
use rmcp::{ErrorData, RoleServer, model::Extensions, service::RequestContext};

use super::TaskServer;

impl TaskServer {
    /// Who calls. An agent whose name is not known yet goes by the one that it gives itself.
    ///
    /// # Errors
    /// An internal error when the message does not say: whoever let it in should have.
    pub(super) fn caller(&self, context: &RequestContext<RoleServer>) -> Result<Caller, ErrorData> {
        let caller = self.caller.as_ref().or_else(|| named(&context.extensions));
        let caller = caller.ok_or_else(|| ErrorData::internal_error("the call does not say who calls", None))?;
        let mut caller = caller.clone();
        if let Door::Mcp { client } = &caller.door
            && client.is_empty()
        {
            let name = context.client_info().map(|client| client.name).unwrap_or_default();
            caller.door = Door::mcp(&name);
        }
        Ok(caller)
    }

    /// The same, for what is counted.
    ///
    /// # Errors
    /// As [`TaskServer::caller`]; one that says how long to wait when the caller has asked too often.
    pub(super) async fn counted(&self, context: &RequestContext<RoleServer>) -> Result<Caller, ErrorData> {
        let caller = self.caller(context)?;
        match self.wait(&caller).await {
            Some(why) => Err(ErrorData::invalid_request(why, None)),
            None => Ok(caller),
        }
    }

    /// Counts one more request of `caller`; a text that says how long to wait when it is one too many.
    pub(super) async fn wait(&self, caller: &Caller) -> Option<String> {
        let wait = self.limit.as_ref()?(caller.user).await?;
        Some(format!("too many requests; try again in {} s", wait.as_secs_f64().ceil().max(1.0)))
    }
}

/// Whoever brought the message in says so.
pub(super) fn named(extensions: &Extensions) -> Option<&Caller> {
    extensions.get::<Caller>().or_else(|| extensions.get::<Parts>()?.extensions.get::<Caller>())
}

//! The board that hosts can show beside a list of tasks (MCP Apps, SEP-1865): an HTML document that works through tool calls.

use std::sync::Arc;

use rmcp::model::{ExtensionCapabilities, JsonObject, MetaObject, Resource, ResourceContents, Tool};
use serde_json::{Value, json};

/// Where the document is.
pub(super) const URI: &str = "ui://errand/board.html";
const MIME: &str = "text/html;profile=mcp-app";
/// The tool whose results the board shows.
const TOOL: &str = "list_tasks";

/// What the server says of itself.
pub(super) fn capability() -> ExtensionCapabilities {
    let settings = JsonObject::from_iter([("mimeTypes".to_owned(), json!([MIME]))]);
    ExtensionCapabilities::from([("io.modelcontextprotocol/ui".to_owned(), settings)])
}

/// `tool`, with its board if it has one.
pub(super) fn attached(tool: Tool) -> Tool {
    if tool.name == TOOL { tool.with_meta(ui(json!({"resourceUri": URI}))) } else { tool }
}

/// The document's line in the list of resources.
pub(super) fn resource() -> Resource {
    Resource::new(URI, "board.html").with_title("Board").with_mime_type(MIME).with_meta(sandbox())
}

/// The document itself.
pub(super) fn document(html: &Arc<str>) -> ResourceContents {
    ResourceContents::text(&**html, URI).with_mime_type(MIME).with_meta(sandbox())
}

/// The board has all it needs in itself: it may reach no host, load nothing, hold no frame.
fn sandbox() -> MetaObject {
    let csp = json!({"connectDomains": [], "resourceDomains": [], "frameDomains": [], "baseUriDomains": []});
    ui(json!({"csp": csp, "prefersBorder": true}))
}

fn ui(settings: Value) -> MetaObject {
    MetaObject(JsonObject::from_iter([("ui".to_owned(), settings)]))
}

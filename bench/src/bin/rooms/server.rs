//! Errand in a process of its own, with a room in which many people are.

use std::{net::SocketAddr, path::Path, process::Stdio};

use errand::crypto::KeyPair;
use errand_bench::{
    Broken,
    ours::{self, Errand},
};
use errand_core::{
    Caller, Door, RoomId,
    chatroom::{NewChatroom, NewInvite, WrappedKey},
    profile::ProfileEdit,
};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// How many people are in the room: with five sockets for each, as many as they may have, there are 2,000.
pub(crate) const PEOPLE: usize = 400;
/// The variable that tells the processes where the database is.
const FOLDER: &str = "ERRAND_BENCH_FOLDER";

/// What a client has to know.
pub(crate) struct Room {
    /// `host:port`.
    pub(crate) address: SocketAddr,
    pub(crate) furniture: Furniture,
}

/// What is in the database.
#[derive(Serialize, Deserialize)]
pub(crate) struct Furniture {
    pub(crate) room: RoomId,
    /// A token for each of the people.
    pub(crate) tokens: Vec<String>,
}

/// The server's process; ends with it.
pub(crate) struct Server {
    child: Child,
    pub(crate) room: Room,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts one with a database of its own, in which another process has put everybody: hashing their passwords takes memory.
    pub(crate) async fn start() -> Result<Self, Broken> {
        let folder = tempfile::tempdir()?;
        let (mut furnishing, furniture) = child("furnish", folder.path()).await?;
        furnishing.wait().await?;
        let (child, address) = child("serve", folder.path()).await?;
        let room = Room { address: address.parse()?, furniture: serde_json::from_str(&furniture)? };
        Ok(Self { room, child, _folder: folder })
    }

    /// How many bytes of memory it has in use.
    pub(crate) fn memory(&self) -> Result<u64, Broken> {
        let id = self.child.id().ok_or("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(resident.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }
}

/// A process of this program that does `what`, and the line that it prints.
async fn child(what: &str, folder: &Path) -> Result<(Child, String), Broken> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(what).env(FOLDER, folder).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let mut lines = BufReader::new(child.stdout.take().ok_or("it has an output")?).lines();
    let line = lines.next_line().await?.ok_or_else(|| format!("it could not {what}"))?;
    Ok((child, line))
}

async fn errand() -> Result<Errand, Broken> {
    let folder = std::env::var(FOLDER)?;
    let url = format!("sqlite:{folder}/errand.db");
    Errand::start(&ours::config(&url, Path::new(&folder))?).await
}

/// Makes the room with everybody in it, and says what a client has to know of it.
pub(crate) async fn furnish() -> Result<(), Broken> {
    let errand = errand().await?;
    let furniture = fill(&errand).await?;
    errand.end().await;
    println!("{}", serde_json::to_string(&furniture)?);
    Ok(())
}

/// Serves until it is killed, and says where.
pub(crate) async fn serve() -> Result<(), Broken> {
    let errand = errand().await?;
    println!("{}", errand.main);
    std::future::pending().await
}

async fn fill(errand: &Errand) -> Result<Furniture, Broken> {
    let app = &errand.state.app;
    let owner = errand.register("person0").await?;
    let caller = Caller::new(&owner, Door::Rest);
    let key = KeyPair::generate()?.public().to_pem()?;
    app.edit_profile(&caller, ProfileEdit { public_key: Some(Some(key)), ..ProfileEdit::default() }).await?;
    let new = NewChatroom {
        name: "The hall".into(),
        description: String::new(),
        is_private: false,
        max_members: Some(1000),
        auto_summary_enabled: Some(false),
        summary_threshold: None,
    };
    let room = app.make_chatroom(&caller, new).await?.id;
    let code = app.invite(&caller, room, NewInvite { max_uses: Some(1000), hours: None }).await?.code;
    let wrapped = WrappedKey { user: owner.id, wrapped_key: format!("{}==", "A".repeat(342)) };
    app.write_room_keys(&caller, room, 1, vec![wrapped]).await?;
    let mut tokens = vec![token(&errand.bearer(&owner).await?)];
    for number in 1..PEOPLE {
        let account = errand.register(&format!("person{number}")).await?;
        app.join_chatroom(&Caller::new(&account, Door::Rest), code.expose()).await?;
        tokens.push(token(&errand.bearer(&account).await?));
    }
    Ok(Furniture { room, tokens })
}

fn token(bearer: &str) -> String {
    bearer.trim_start_matches("Bearer ").to_owned()
}

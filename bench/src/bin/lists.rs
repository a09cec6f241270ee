//! Lists stay fast: how long each list endpoint takes for an account with 10,000 tasks and 1,000 conversations, against one with 50
//! of each, on both databases, in one run.
//!
//! ```text
//! cargo run --release -p errand-bench --bin lists
//! cargo run --release -p errand-bench --bin lists -- --postgres postgres://me@db/any --requests 1000
//! ```
//!
//! The two accounts are asked in turns, so that what else the machine does falls on both. These ways to ask are told apart:
//!
//! - `page`: at most 50 rows. Must not take more than 1.5 times as long, by the median.
//! - `unchanged`: the whole list, by somebody who has it already and says so (`If-None-Match`). The same holds.
//! - `whole`: all rows, as four contracts promise, by somebody who has nothing, when nothing has changed since somebody asked. `gzip`
//!   is the same by somebody who takes it compressed, as browsers do (not unpacked here), and `changed` the first time after a change.
//!   The answers have 20 to 200 times the bytes, so no such bound can hold; it is told what a row costs.
//!
//! To measure another list: a line in [`LISTS`].

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use bytes::Bytes;
use clap::Parser;
use errand_bench::{
    Broken, ended, median,
    ours::{self, Errand},
};
use errand_core::{
    Account, App, Caller, Door,
    app::{ConversationRef, Work},
    conversation::{Author, Body},
    identity::{Identity, Subject},
    room::PersonRef,
    task::{Due, NewTask, Priority, Status},
};
use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, StatusCode, body::Incoming, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use sqlx::{Connection, Executor, PgConnection};
use tokio::net::TcpStream;

/// How many times as long a large account's list may take.
const SLOWER: f64 = 1.5;

/// Where a list is asked for.
#[derive(Clone, Copy)]
enum Port {
    Main,
    Chasqui,
}

/// How a list is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Page,
    Whole,
    /// Each of the ways below, and whole.
    Tagged,
    /// The same for a list that cannot change without growing.
    Growing,
    Changed,
    Gzip,
    Unchanged,
}

/// Every list that is measured. Those with a condition ask for 10, as many as the small account has of each: more rows are more work.
const LISTS: [(Port, Way, &str); 14] = [
    (Port::Main, Way::Page, "/api/tasks/sync?limit=50"),
    (Port::Main, Way::Page, "/api/chat/sessions?limit=50"),
    (Port::Main, Way::Page, "/api/conversations?limit=50"),
    (Port::Main, Way::Page, "/api/v1/tasks"),
    (Port::Main, Way::Page, "/api/v1/tasks?status=pending&limit=10"),
    (Port::Main, Way::Page, "/api/v1/tasks?status=completed&limit=10"),
    (Port::Main, Way::Page, "/api/v1/messages/history"),
    (Port::Chasqui, Way::Page, "/api/tasks?limit=50"),
    (Port::Chasqui, Way::Page, "/api/conversations?limit=50"),
    (Port::Main, Way::Tagged, "/api/tasks/sync"),
    (Port::Main, Way::Tagged, "/api/chat/sessions"),
    (Port::Main, Way::Tagged, "/api/conversations"),
    (Port::Chasqui, Way::Tagged, "/api/tasks"),
    (Port::Chasqui, Way::Growing, "/api/conversations"),
];

/// How long each list takes for a large account against a small one.
#[derive(Parser)]
struct Arguments {
    /// Where the SQLite file is made; it is gone afterwards.
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
    /// A PostgreSQL server on which databases can be made.
    #[arg(long, env = "ERRAND_TEST_POSTGRES_URL", default_value = "postgres://root@127.0.0.1:5432/test")]
    postgres: String,
    /// How often each list of each account is asked for.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(3..=100_000))]
    requests: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    ended(measure(&Arguments::parse()).await)
}

/// Measures on both databases; whether the goal is met.
async fn measure(arguments: &Arguments) -> Result<bool, Broken> {
    std::fs::create_dir_all(&arguments.dir)?;
    let folder = tempfile::tempdir_in(&arguments.dir)?;
    let file = format!("sqlite:{}", folder.path().join("errand.db").display());
    let mut good = on("SQLite", &file, folder.path(), arguments.requests).await?;
    let name = format!("errand_lists_{}", std::process::id());
    let mut admin = PgConnection::connect(&arguments.postgres).await?;
    admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
    let server = arguments.postgres.rsplit_once('/').ok_or("the address of PostgreSQL names no database")?.0;
    let measured = on("PostgreSQL", &format!("{server}/{name}"), folder.path(), arguments.requests).await;
    admin.execute(sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await?;
    good &= measured?;
    println!("\nwhole lists grow with their rows and are not judged");
    println!("pages and unchanged lists: {}", if good { "the goal is met" } else { "the goal is MISSED" });
    Ok(good)
}

/// Serves from one database, fills it and asks.
async fn on(name: &str, url: &str, folder: &Path, requests: u32) -> Result<bool, Broken> {
    let errand = Errand::start(&ours::config(url, folder)?).await?;
    let app = &errand.state.app;
    let small = fill(&errand, "small", 50, 50).await?;
    let large = fill(&errand, "large", 10_000, 1_000).await?;
    if url.starts_with("postgres") {
        // As PostgreSQL does by itself within a minute; until then it plans as if the tables had a handful of rows.
        PgConnection::connect(url).await?.execute("ANALYZE").await?;
    }
    let mut on_main =
        [Client::new(errand.main, &errand, &small).await?, Client::new(errand.main, &errand, &large).await?];
    let mut on_chasqui =
        [Client::new(errand.chasqui, &errand, &small).await?, Client::new(errand.chasqui, &errand, &large).await?];
    println!(
        "\n{name:<49}{:>10}{:>12}{:>12}{:>12}{:>12}{:>8}",
        "", "bytes of 50", "p50 ms", "bytes", "p50 ms", "times"
    );
    let mut good = true;
    for (port, way, path) in LISTS {
        let clients = match port {
            Port::Main => &mut on_main,
            Port::Chasqui => &mut on_chasqui,
        };
        let ways = match way {
            Way::Tagged => &[Way::Changed, Way::Whole, Way::Gzip, Way::Unchanged][..],
            Way::Growing => &[Way::Whole, Way::Gzip, Way::Unchanged][..],
            Way::Page | Way::Whole | Way::Changed | Way::Gzip | Way::Unchanged => &[way],
        };
        for way in ways {
            good &= compare(app, clients, *way, path, requests).await?;
        }
    }
    errand.end().await;
    Ok(good)
}

/// Makes an account with tasks of all kinds, conversations of two messages each, as many rooms, and as many messages in the one
/// conversation that goes on.
async fn fill(errand: &Errand, name: &str, tasks: u32, conversations: u32) -> Result<Account, Broken> {
    const BATCH: u32 = 50;
    let (app, account) = (&errand.state.app, errand.register(name).await?);
    let caller = Caller::new(&account, Door::Rest);
    let now = app.clock.now();
    for first in (0..tasks).step_by(BATCH as usize) {
        let task = |number: u32| NewTask {
            title: format!("Call the dentist about tooth {number}"),
            description: "Ask about the wisdom tooth, and whether it can wait until after the holidays".into(),
            status: [Status::Pending, Status::Pending, Status::InProgress, Status::Completed][number as usize % 4],
            priority: [Priority::Medium, Priority::Low, Priority::High][number as usize % 3],
            due: (!number.is_multiple_of(5)).then(|| Due::at(now + chrono::TimeDelta::minutes(number.into()))),
        };
        for added in app.change_tasks(&caller, Work::Add((first..first + BATCH).map(task).collect()), None).await? {
            added.map_err(|refusal| format!("{refusal:?}"))?;
        }
    }
    let friend = app.account_of(friend(name)).await?;
    let main = ConversationRef::Id(app.main_conversation(&caller, "Hello").await?);
    for number in 0..conversations {
        app.make_group(&caller, Some(&format!("Friends of tooth {number}")), &[PersonRef::Id(friend.id)]).await?;
        app.add_message(&caller, main, Author::User, "Hello again", Body::TEXT).await?;
        let conversation = app.begin_conversation(&caller, &format!("About tooth {number}")).await?;
        let wanted = ConversationRef::Id(conversation.id);
        app.add_message(&caller, wanted, Author::User, "Does it hurt?", Body::TEXT).await?;
        app.add_message(&caller, wanted, Author::Assistant, "Only when I laugh.", Body::TEXT).await?;
    }
    Ok(account)
}

/// Somebody who takes part in rooms.
fn friend(name: &str) -> Identity {
    let subject = Subject { issuer: "bench".into(), subject: format!("friend of {name}") };
    Identity { subject, names: vec![format!("friend-of-{name}")], email: None }
}

/// Somebody on a connection of their own.
struct Client {
    sender: http1::SendRequest<Empty<Bytes>>,
    caller: Caller,
    token: String,
}

/// What came back: how much, how soon, and its tag.
struct Answer {
    bytes: usize,
    took: Duration,
    tag: Option<header::HeaderValue>,
}

impl Client {
    async fn new(address: SocketAddr, errand: &Errand, account: &Account) -> Result<Self, Broken> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection); // what goes wrong with it is told to the sender
        Ok(Self { sender, caller: Caller::new(account, Door::Rest), token: errand.bearer(account).await? })
    }

    /// Changes something of the account's, and nothing in the length of its lists.
    async fn change(&self, app: &App) -> Result<(), Broken> {
        let main = app.main_conversation(&self.caller, "Hello").await?;
        app.rename_conversation(&self.caller, ConversationRef::Id(main), "Hello").await?;
        Ok(())
    }

    async fn ask(&mut self, way: Way, path: &str, known: Option<&header::HeaderValue>) -> Result<Answer, Broken> {
        let mut request =
            Request::get(path).header(header::HOST, "localhost").header(header::AUTHORIZATION, &self.token);
        if let Some(known) = known {
            request = request.header(header::IF_NONE_MATCH, known);
        }
        if way == Way::Gzip {
            request = request.header(header::ACCEPT_ENCODING, "gzip");
        }
        let request = request.body(Empty::new())?;
        self.sender.ready().await?;
        let began = Instant::now();
        let answer: Response<Incoming> = self.sender.send_request(request).await?;
        let (status, tag) = (answer.status(), answer.headers().get(header::ETAG).cloned());
        let mut body = answer.into_body();
        let mut bytes = 0;
        while let Some(frame) = body.frame().await {
            bytes += frame?.data_ref().map_or(0, Bytes::len);
        }
        let took = began.elapsed();
        let expected = if known.is_some() { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        if status == expected { Ok(Answer { bytes, took, tag }) } else { Err(format!("{path}: {status}").into()) }
    }
}

/// Asks both in turns and prints a line; whether the large one is quick enough.
async fn compare(app: &App, clients: &mut [Client; 2], way: Way, path: &str, requests: u32) -> Result<bool, Broken> {
    let mut tags = [None, None];
    let (mut times, mut bytes) = ([Vec::new(), Vec::new()], [0, 0]);
    let judged = matches!(way, Way::Page | Way::Unchanged);
    let requests = if judged { requests } else { requests.min(50) };
    for round in 0..requests + 3 {
        for (at, client) in clients.iter_mut().enumerate() {
            if way == Way::Changed {
                client.change(app).await?;
            }
            let answer = client.ask(way, path, tags[at].as_ref()).await?;
            if way == Way::Unchanged && round == 0 {
                tags[at] = Some(answer.tag.ok_or_else(|| format!("{path} has no tag"))?);
            }
            // The first ones fill caches.
            if round >= 3 {
                times[at].push(answer.took.as_secs_f64() * 1000.0);
            }
            bytes[at] = answer.bytes;
        }
    }
    let [of_small, of_large] = times.map(median);
    let times = of_large / of_small;
    let name = match way {
        Way::Page => "page",
        Way::Unchanged => "unchanged",
        Way::Whole | Way::Tagged | Way::Growing => "whole",
        Way::Changed => "changed",
        Way::Gzip => "gzip",
    };
    println!(
        "{name:<11}{path:<38}{:>10}{of_small:>13.2}{:>12}{of_large:>12.2}{times:>12.2}{}",
        bytes[0],
        bytes[1],
        if !judged || times <= SLOWER { "" } else { "  SLOWER" }
    );
    Ok(!judged || times <= SLOWER)
}

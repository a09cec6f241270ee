//! The conversation itself: who talks, lines in, turns out, and what happens when the server goes away in the middle.

use std::{io, path::PathBuf, time::Duration};

use reqwest::Url;
use serde_json::json;
use tokio::{signal::ctrl_c, time::sleep};

use super::{
    ChatError,
    api::{Api, Session},
    input::{Input, Typed},
    keep::Keep,
    link::{Down, Frame, Link},
    log_in::log_in,
    screen::Screen,
    turn::{Said, Turn},
};
use crate::{cli::print, config::Secret};

/// What `/help` answers.
const HELP: &str = "Write what you want done: \"remind me to call the dentist tomorrow at 9, it's urgent\"
/new       a new conversation
/list      your conversations; /open N goes on with one of them
/help      this
Ctrl-C stops the answer, twice leaves; Ctrl-D leaves";

/// How long to wait before each try to come back, in milliseconds: about a minute in all.
const WAITS: [u64; 8] = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

struct Talk {
    api: Api,
    keep: Keep,
    /// Nobody when there was only a token.
    user: Option<String>,
    token: Secret,
    /// Whether the token was given, so that asking for a password cannot replace it.
    given: bool,
    zone: Option<String>,
    link: Option<Link>,
    /// The newest event that was seen, once there was a connection.
    seen: Option<i64>,
    session: Option<Session>,
    listed: Vec<Session>,
    screen: Screen,
    leaving: bool,
}

/// Talks until the input ends.
pub(super) async fn run(server: Url, user: Option<String>, token: Option<Secret>) -> Result<(), ChatError> {
    let (api, keep) = (Api::new(server.clone())?, Keep::open(&server)?);
    let given = token.is_some();
    let user = user.or_else(|| keep.last_user().filter(|_| !given));
    let kept = token.or_else(|| user.as_deref().and_then(|user| keep.token(user)));
    let (user, token) = match kept {
        Some(token) => (user, token),
        None => log_in(&api, &keep, user).await.map(|(user, token)| (Some(user), token))?,
    };
    let zone = iana_time_zone::get_timezone().ok();
    let screen = Screen::new();
    let (link, seen, session, listed) = (None, None, None, Vec::new());
    let mut talk = Talk { api, keep, user, token, given, zone, link, seen, session, listed, screen, leaving: false };
    talk.connected().await?;
    talk.all().await
}

impl Talk {
    /// Reads lines and does what they say.
    async fn all(&mut self) -> Result<(), ChatError> {
        let history = self.user.as_deref().map(|user| self.keep.history(user)).transpose()?;
        let mut input = Input::open(history.as_deref())?;
        let person = matches!(input, Input::Terminal(_));
        if person {
            let name = self.user.as_deref().map_or_else(String::new, |user| format!(" as {user}"));
            let server = self.api.server().as_str().trim_end_matches('/');
            let line = format!("Talking to {server}{name}. /help lists the commands.");
            self.screen.note(&line)?;
        }
        let (mut asked, mut unanswered, mut interrupted) = (0, 0, false);
        while !self.leaving {
            let typed;
            (input, typed) = self.typed(input, history.clone(), person).await?;
            match typed {
                Typed::End => break,
                Typed::Interrupt if interrupted || !person => break,
                Typed::Interrupt => {
                    interrupted = true;
                    self.screen.note("Ctrl-C again or Ctrl-D leaves.")?;
                }
                Typed::Line(line) => {
                    interrupted = false;
                    match line.trim() {
                        "" => {}
                        line if line.starts_with('/') => self.command(line).await?,
                        line => {
                            asked += 1;
                            unanswered += usize::from(!self.say(line).await?);
                        }
                    }
                }
            }
        }
        if unanswered > 0 && !person { Err(ChatError::Unanswered(unanswered, asked)) } else { Ok(()) }
    }

    /// Waits for a line. The socket is listened to meanwhile, for it has to answer the server's pings.
    async fn typed(
        &mut self,
        input: Input,
        history: Option<PathBuf>,
        person: bool,
    ) -> Result<(Input, Typed), ChatError> {
        let mut reading = tokio::task::spawn_blocking(move || input.read(history.as_deref()));
        loop {
            tokio::select! {
                read = &mut reading => {
                    let (input, typed) = read.map_err(io::Error::other)?;
                    return Ok((input, typed?));
                }
                _ = idle(&mut self.link) => self.disconnected(),
                // In a terminal the line editor hears of it.
                _ = ctrl_c(), if !person => return Ok((Input::Pipe, Typed::Interrupt)),
            }
        }
    }

    async fn command(&mut self, line: &str) -> Result<(), ChatError> {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["/help"] => self.screen.note(HELP)?,
            ["/new"] => {
                self.session = None;
                self.screen.note("A new conversation.")?;
            }
            ["/list"] => {
                self.listed = self.api.sessions(&self.token).await?;
                for (number, Session { title, .. }) in (1..).zip(&self.listed) {
                    print::out(&format!("{number:3}  {}\n", print::harmless(title)))?;
                }
            }
            ["/open", number] => {
                let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                match index.and_then(|index| self.listed.get(index)) {
                    Some(session) => {
                        self.screen.note(&format!("In \"{}\" again.", print::harmless(&session.title)))?;
                        self.session = Some(session.clone());
                    }
                    None => self.screen.note("There is no such number; /list has them.")?,
                }
            }
            _ => self.screen.note("There is no such command; /help lists them.")?,
        }
        Ok(())
    }

    /// Says something and shows what comes of it, across lost connections. Answers whether there was an answer.
    async fn say(&mut self, content: &str) -> Result<bool, ChatError> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.begin(content).await?,
        };
        let mut turn = Turn::new(&session.id, self.screen.is_terminal());
        self.session = Some(session);
        loop {
            for frame in self.connected().await? {
                if let Some(answered) = self.show(&mut turn, &frame)? {
                    return Ok(answered);
                }
            }
            match self.turn(&mut turn, content).await? {
                Ok(answered) => return Ok(answered),
                Err(Down::LoggedOut) => self.log_in_again().await?,
                Err(Down::Gone(why)) => {
                    self.screen.note(&format!("The connection was lost: {why}."))?;
                }
            }
            self.disconnected();
        }
    }

    async fn begin(&mut self, content: &str) -> Result<Session, ChatError> {
        match self.api.begin(&self.token, content).await {
            Err(ChatError::LoggedOut) => {
                self.log_in_again().await?;
                self.api.begin(&self.token, content).await
            }
            begun => begun,
        }
    }

    /// Sends the message, unless the server has it, and shows what comes until the turn is over or the connection lost.
    async fn turn(&mut self, turn: &mut Turn, content: &str) -> Result<Result<bool, Down>, ChatError> {
        let Some(mut link) = self.link.take() else { return Ok(Err(Down::Gone("closed".into()))) };
        self.seen = Some(link.seen());
        let session = self.session.as_ref().map(|session| session.id.clone());
        if !turn.is_stored() {
            let data = json!({
                "session_id": session, "content": content, "user_timezone": self.zone, "client_message_id": turn.client_id(),
            });
            if let Err(down) = link.send("message", data).await {
                return Ok(Err(down));
            }
        }
        let mut stopping = false;
        loop {
            let heard = tokio::select! {
                frame = link.next() => frame,
                _ = ctrl_c() => {
                    if std::mem::replace(&mut stopping, true) {
                        self.leaving = true;
                        return Ok(Ok(false));
                    }
                    self.screen.note("Stopping; Ctrl-C again leaves.")?;
                    match link.send("cancel_turn", json!({"session_id": session})).await {
                        Ok(()) => continue,
                        Err(down) => Err(down),
                    }
                }
            };
            self.seen = Some(link.seen());
            match heard {
                Err(down) => return Ok(Err(down)),
                Ok(frame) => {
                    if let Some(answered) = self.show(turn, &frame)? {
                        self.link = Some(link);
                        return Ok(Ok(answered));
                    }
                }
            }
        }
    }

    /// Shows what the frame says about the turn. Answers whether there was an answer, when it is over.
    fn show(&mut self, turn: &mut Turn, frame: &Frame) -> Result<Option<bool>, ChatError> {
        let mut over = None;
        for said in turn.hear(frame) {
            self.screen.show(&said)?;
            over = match said {
                Said::Answered => Some(true),
                Said::Failed(_) => Some(false),
                Said::Text(_) | Said::Void | Said::Did(_) => over,
            };
        }
        Ok(over)
    }

    /// Sees to it that there is a connection. Answers the frames that were missed while there was none.
    async fn connected(&mut self) -> Result<Vec<Frame>, ChatError> {
        if self.link.is_some() {
            return Ok(Vec::new());
        }
        let mut waits = WAITS.iter();
        loop {
            match Link::open(self.api.server(), &self.token, self.seen).await {
                Ok((link, missed)) => {
                    if self.seen.is_some() {
                        self.screen.note("Connected again.")?;
                    }
                    self.seen = Some(link.seen());
                    self.link = Some(link);
                    return Ok(missed);
                }
                Err(Down::LoggedOut) => self.log_in_again().await?,
                Err(Down::Gone(why)) if self.seen.is_none() => {
                    return Err(ChatError::Unreachable { server: self.api.server().clone(), why });
                }
                Err(Down::Gone(why)) => {
                    let Some(wait) = waits.next() else { return Err(ChatError::Lost(why)) };
                    if wait == &WAITS[0] {
                        self.screen.note(&format!("The server does not answer ({why}); trying again for a minute…"))?;
                    }
                    tokio::select! {
                        () = sleep(Duration::from_millis(*wait)) => {}
                        _ = ctrl_c() => return Err(ChatError::Lost(why)),
                    }
                }
            }
        }
    }

    fn disconnected(&mut self) {
        if let Some(link) = self.link.take() {
            self.seen = Some(link.seen());
        }
    }

    async fn log_in_again(&mut self) -> Result<(), ChatError> {
        if self.given {
            return Err(ChatError::LoggedOut);
        }
        let (user, token) = log_in(&self.api, &self.keep, self.user.clone()).await?;
        (self.user, self.token) = (Some(user), token);
        Ok(())
    }
}

/// Ends when the connection does; nothing that comes meanwhile is of interest.
async fn idle(link: &mut Option<Link>) -> Down {
    let Some(link) = link else { return std::future::pending().await };
    loop {
        if let Err(down) = link.next().await {
            return down;
        }
    }
}

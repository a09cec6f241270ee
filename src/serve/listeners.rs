//! Where the service listens.

use std::{io, net::SocketAddr};

use tokio::net::TcpListener;

use super::StartError;
use crate::{
    config::{Listen, Server},
    faces::Ports,
};

/// The settings that name the addresses.
const MAIN: &str = "server.listen";
pub(super) const CHASQUI: &str = "server.listen_chasqui";

/// The sockets that a service listens on.
#[derive(Debug)]
pub struct Listeners {
    /// Of everything but the contract `chasqui`.
    pub main: TcpListener,
    /// Of that contract, unless it is off.
    pub chasqui: Option<TcpListener>,
}

impl Listeners {
    /// Takes the addresses that the settings name.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub async fn bind(server: &Server) -> Result<Self, StartError> {
        let chasqui = match server.listen_chasqui {
            Listen::At(address) => Some(listen(address, CHASQUI).await?),
            Listen::Off => None,
        };
        Ok(Self { main: listen(server.listen, MAIN).await?, chasqui })
    }

    pub(super) fn ports(&self) -> io::Result<Ports> {
        let port = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
        Ok(Ports { main: port(&self.main)?, chasqui: self.chasqui.as_ref().map(port).transpose()? })
    }
}

async fn listen(address: SocketAddr, setting: &'static str) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Listen { address, setting, error })
}

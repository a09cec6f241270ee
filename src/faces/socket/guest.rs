//! Whose socket it is.

use std::sync::Arc;

use errand_core::{Account, Caller, Door};

use crate::state::State;

/// Somebody who has a socket, and what their frames are answered with. All contracts on one socket have the same one.
pub(crate) struct Guest {
    pub(crate) state: State,
    pub(crate) account: Account,
    pub(crate) caller: Caller,
}

impl Guest {
    pub(crate) fn new(state: &State, account: &Account) -> Arc<Self> {
        let (state, caller) = (state.clone(), Caller::new(account, Door::Rest));
        Arc::new(Self { state, account: account.clone(), caller })
    }
}

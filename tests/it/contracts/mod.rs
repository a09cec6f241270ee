//! A file a contract: each line of its text, and the way it fails.

mod assistant;
mod chasqui;
mod dashboard;
mod v1;

//! The daemon from outside: one binary, so that it links once.

mod support;

mod architecture;
mod config;
mod contract;
mod feed;
mod hostile;
mod music;
mod server;
mod system;
mod validation;
mod watch;

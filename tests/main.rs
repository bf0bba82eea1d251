//! The daemon from outside: one binary, so that it links once.

mod support;

mod architecture;
mod contract;
mod music;
mod system;

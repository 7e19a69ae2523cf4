//! Work that combines floor 1, and the workers that run it.

pub mod demo;
mod message;
mod worker;

pub use message::{
    Body, Document, ExportOrder, ExportReport, IndexState, LineColours, OutgoingFile, Report,
    Request, Work,
};
pub use worker::{Cancel, Failure, Policy, Worker};

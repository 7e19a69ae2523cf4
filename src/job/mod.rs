//! Work that combines floor 1, and the workers that run it.
//!
//! Each kind of work is a plain function in a file of its own, used headless and by the screen alike;
//! [`Jobs`] runs them on threads for the screen. Requests and reports are plain data.

mod bench;
mod bind;
pub mod counted;
pub mod coverage;
pub mod delivered;
mod delivering;
pub mod demo;
mod desk;
mod draft;
pub mod encoding;
mod error;
pub mod excerpt;
pub mod export;
pub mod export_log;
pub mod facts;
mod file_list;
mod hint;
mod hits;
pub mod indexing;
mod jobs;
mod judge;
pub mod listing;
mod located;
pub mod media;
mod message;
mod named_files;
mod narrow;
pub mod officer;
pub mod place;
pub mod program;
pub mod rank;
pub mod read;
mod record;
mod refine;
pub mod regate;
pub mod release;
pub mod search;
mod secret;
pub mod survey;
pub mod sweep;
pub mod symbols;
mod worker;

pub use bench::Tools;
pub use desk::{Ask, Desk, DraftsRead, Room};
pub use draft::Draft;
pub use error::{JobError, QUOTE_LESS};
pub use jobs::{Jobs, UnfinishedJobs};
pub use message::{
    Asked, Body, Choice, Choices, Copied, DeliveryProgress, Document, ExportOrder, ExportReport,
    IndexState, LineColours, MediumPlace, OutgoingFile, OutlineRow, Report, Request, Sight,
    SymbolCounts, SymbolPlace, SymbolsState, Work,
};
pub use record::{Recorder, now, state};
pub use secret::Secret;
pub use worker::{Cancel, Failure, Policy, Worker};

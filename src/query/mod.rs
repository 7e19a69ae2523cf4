//! Search text to a query.

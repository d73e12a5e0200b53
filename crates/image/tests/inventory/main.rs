//! Whole layers in, packages and documents out.

mod assembled;
mod checked;
mod cyclonedx;
mod hostile;
mod kit;
mod walked;

//! HTTP/1.1 on the loopback, as little of it as the services need.

mod listener;
mod outbound;
mod reply;
mod request;

pub(crate) use listener::Listener;
pub(crate) use outbound::Outbound;
pub(crate) use reply::Reply;
pub(crate) use request::Request;

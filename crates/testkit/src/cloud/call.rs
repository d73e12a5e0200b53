use std::sync::Arc;

use serde_json::Value;

use super::http::Request;
use super::realm::{Need, Realm};
use super::service::Operation;
use super::service_error::ServiceError;
use super::sts::Session;

/// A call of a service by somebody who is known.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) request: &'a Request,
    pub(crate) session: Arc<Session>,
    /// The region that it is signed for.
    pub(crate) region: String,
    pub(crate) realm: &'a Realm,
    /// The body, as JSON.
    pub(crate) input: Value,
}

impl Call<'_> {
    /// A text of the input that the operation cannot do without.
    pub(crate) fn text(&self, name: &str) -> Result<&str, ServiceError> {
        let found = self.input[name].as_str();
        found.ok_or_else(|| ServiceError::invalid(format!("{name} is expected")))
    }

    /// Goes on only where the session may do this operation to `resource`.
    pub(crate) fn permitted_on(&self, resource: &str) -> Result<(), ServiceError> {
        self.permitted(Need::new(&self.operation.action(), resource))
    }

    /// Goes on only where the session has this permission.
    pub(crate) fn permitted(&self, need: Need<'_>) -> Result<(), ServiceError> {
        let denied = |sentence| ServiceError::denied(self.operation.service, sentence);
        self.realm.permit(&self.session, need).map_err(denied)
    }

    /// Goes on only where the session may do `action` to a repository.
    pub(crate) fn permitted_on_repository(
        &self,
        action: &str,
        repository: &str,
    ) -> Result<(), ServiceError> {
        let denied = |sentence| ServiceError::denied(self.operation.service, sentence);
        let permitted = self.realm.permit_on_repository(&self.session, action, repository);
        permitted.map_err(denied)
    }
}

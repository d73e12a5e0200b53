use super::Service;
use super::call::Call;
use super::http::{Outbound, Reply, Request};
use super::service::Operation;
use super::service_error::ServiceError;

/// Another emulator on this machine, which answers calls once they are permitted here. It gets
/// them as from the account itself, whose number is the access key.
#[derive(Clone, Debug)]
pub struct Upstream {
    origin: String,
    service: Option<Service>,
    operations: Vec<String>,
}

impl Upstream {
    /// The one at `http://127.0.0.1:PORT`.
    pub fn new(origin: &str) -> Self {
        Self { origin: origin.to_owned(), service: None, operations: Vec::new() }
    }

    /// The same, for these operations of a service.
    #[must_use]
    pub fn serving(mut self, service: Service, operations: &[&str]) -> Self {
        self.service = Some(service);
        self.operations = operations.iter().map(|it| (*it).to_owned()).collect();
        self
    }

    pub(crate) fn serves(&self, operation: &Operation) -> bool {
        self.service == Some(operation.service) && self.operations.contains(&operation.name)
    }

    /// Asks for the permission that the operation needs, and passes the call on.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Result<Reply, ServiceError> {
        match call.input["repositoryName"].as_str() {
            Some(name) => call.permitted_on_repository(&call.operation.action(), name)?,
            None => call.permitted_on("*")?,
        }
        self.forward(call, call.request)
    }

    /// Sends a request on as the account's own.
    pub(crate) fn forward(
        &self,
        call: &Call<'_>,
        request: &Request,
    ) -> Result<Reply, ServiceError> {
        let scope = format!("{}/{}", call.region, call.operation.service.prefix());
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{scope}/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature={}",
            call.realm.account.id,
            "0".repeat(64),
        );
        let mut headers =
            vec![("Authorization", &*authorization), ("X-Amz-Date", "20260101T000000Z")];
        for name in ["content-type", "x-amz-target"] {
            headers.extend(request.header(name).map(|value| (name, value)));
        }
        let target = match request.query.as_str() {
            "" => request.path.clone(),
            query => format!("{}?{query}", request.path),
        };
        let outbound = Outbound {
            method: &request.method,
            target: &target,
            headers: &headers,
            body: &request.body,
        };
        outbound.send(&self.origin).map_err(|unreachable| {
            let message = format!("the emulator behind this: {}", unreachable.0);
            ServiceError::new("InternalFailure", message).with_status(500)
        })
    }
}

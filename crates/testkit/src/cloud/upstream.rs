use serde_json::Value;

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

    /// Asks it to do something in an account, as nobody in particular: for what a test needs to
    /// have there. Gives the answer, or the error as the emulator words it.
    pub fn call(
        &self,
        (account, region): (&str, &str),
        (service, operation): (Service, &str),
        input: &Value,
    ) -> Result<Value, String> {
        let target = match service {
            Service::Kms => format!("TrentService.{operation}"),
            _ => format!("AmazonEC2ContainerRegistry_V20150921.{operation}"),
        };
        let authorization = authorization(account, region, service);
        let headers = [
            ("Authorization", &*authorization),
            ("X-Amz-Date", DATE),
            ("X-Amz-Target", &*target),
            ("Content-Type", "application/x-amz-json-1.1"),
        ];
        let body = input.to_string();
        let body = body.as_bytes();
        let outbound = Outbound { method: "POST", target: "/", headers: &headers, body };
        let reply = outbound.send(&self.origin).map_err(|unreachable| unreachable.0)?;
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        if reply.status != 200 {
            return Err(text);
        }
        serde_json::from_str(&text).map_err(|error| error.to_string())
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
        let service = call.operation.service;
        let authorization = authorization(&call.realm.account.id, &call.region, service);
        let mut headers = vec![("Authorization", &*authorization), ("X-Amz-Date", DATE)];
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

const DATE: &str = "20260101T000000Z";

/// What emulators read of a signature: the account, the region and the service.
fn authorization(account: &str, region: &str, service: Service) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={}",
        service.prefix(),
        "0".repeat(64),
    )
}

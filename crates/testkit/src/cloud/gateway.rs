use std::sync::Arc;

use super::call::Call;
use super::ecr::Ecr;
use super::http::{Reply, Request};
use super::inspector::Inspector;
use super::kms::Kms;
use super::known_role;
use super::ledger::Called;
use super::realm::Realm;
use super::service::{Operation, Service};
use super::service_error::ServiceError;
use super::signer::Signer;
use super::sigv4::Signature;
use super::sts::{Assume, Provider, Session, caller_identity};
use super::upstream::Upstream;

/// The one address of all services: tells calls apart, knows who calls, and passes them on.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) realm: Arc<Realm>,
    pub(crate) providers: Vec<Provider>,
    pub(crate) ecr: Arc<Ecr>,
    pub(crate) inspector: Arc<Inspector>,
    pub(crate) kms: Kms,
    pub(crate) signer: Arc<Signer>,
    pub(crate) upstreams: Vec<Upstream>,
}

impl Gateway {
    /// Answers a request.
    pub(crate) fn answer(&self, request: &Request) -> Reply {
        let Some(operation) = Operation::of(request) else {
            let what = format!("{} {} is no call known here", request.method, request.path);
            return ServiceError::new("UnknownOperationException", what).reply(Service::Ecr);
        };
        let mut session = None;
        let outcome = self.perform(&operation, request, &mut session);
        self.realm.ledger.add_call(Called {
            service: operation.service,
            operation: operation.name.clone(),
            session: session.map(|it| it.arn.clone()),
            error: outcome.as_ref().err().map(|it| it.code.clone()),
        });
        outcome.unwrap_or_else(|error| error.reply(operation.service))
    }

    /// Does what is asked; who asks is told through `caller` as soon as that is known.
    fn perform(
        &self,
        operation: &Operation,
        request: &Request,
        caller: &mut Option<Arc<Session>>,
    ) -> Result<Reply, ServiceError> {
        self.realm.troubles.strike(operation)?;
        if operation.action() == "sts:AssumeRoleWithWebIdentity" {
            return self.assume().answer(&request.form());
        }
        let signature = Signature::of(request).ok_or_else(|| {
            let message = "Request is missing Authentication Token";
            ServiceError::new("MissingAuthenticationToken", message).with_status(403)
        })?;
        let session = self.known(operation.service, &signature, request)?;
        *caller = Some(Arc::clone(&session));
        let (realm, region) = (&*self.realm, signature.region);
        let call = Call { operation, request, session, region, realm, input: request.json() };
        if let Some(upstream) = self.upstreams.iter().find(|it| it.serves(operation)) {
            return upstream.answer(&call);
        }
        match operation.service {
            Service::Ecr => self.ecr.answer(&call),
            Service::Iam if operation.name == "GetRole" => known_role::get(&call),
            Service::InspectorScan => self.inspector.answer(&call),
            Service::Kms => self.kms.answer(&call),
            Service::Signer => self.signer.answer(&call),
            Service::Sts if operation.name == "GetCallerIdentity" => {
                Ok(caller_identity(&call.session, &realm.account.id))
            }
            _ => Err(unknown(operation)),
        }
    }

    fn assume(&self) -> Assume<'_> {
        Assume {
            account: &self.realm.account,
            roles: &self.realm.roles,
            providers: &self.providers,
            sessions: &self.realm.sessions,
            lifetime: self.realm.session_lifetime,
        }
    }

    /// The session whose key signed the request, for this service, and that is not over.
    fn known(
        &self,
        service: Service,
        signature: &Signature,
        request: &Request,
    ) -> Result<Arc<Session>, ServiceError> {
        let session = self.realm.sessions.find(&signature.access_key);
        let session = session.ok_or_else(|| ServiceError::unrecognised(service))?;
        if signature.service != service.prefix() || !signature.is_by(&session.secret, request) {
            let message = "The request signature we calculated does not match the signature you \
                           provided. Check your AWS Secret Access Key and signing method. Consult \
                           the service documentation for details.";
            let code = "SignatureDoesNotMatch";
            return Err(ServiceError::new(code, message).with_status(403));
        }
        if request.header("x-amz-security-token") != Some(&session.token) {
            return Err(ServiceError::unrecognised(service));
        }
        if session.is_expired() {
            return Err(ServiceError::expired(service));
        }
        Ok(session)
    }
}

/// An operation that no stand-in serves.
pub(crate) fn unknown(operation: &Operation) -> ServiceError {
    let message = format!("{} is not served here", operation.action());
    ServiceError::new("UnknownOperationException", message)
}

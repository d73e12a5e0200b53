//! Answers byte for byte. What is judged, and what is saved, is what AWS sent, with every member
//! that the SDK does not know.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Keeps the body of the last answer to the call that it is given to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    /// The body; empty where nothing was answered.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.0.lock().map(|mut body| std::mem::take(&mut *body)).unwrap_or_default()
    }
}

impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "Capture"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(body), Ok(mut slot)) = (context.response().body().bytes(), self.0.lock()) {
            *slot = body.to_vec();
        }
        Ok(())
    }
}

//! Preflight: the documents of a live account, fetched through a port and judged.

use boltseal_core::Reason;
use boltseal_ports::{PostureScope, PostureSource, SavedDocument};
use boltseal_posture::{Documents, Posture, Refusal, Request, Saved, judge};

use crate::Failure;

/// Fetches what is within `scope`, and judges it. A refused call is a finding, or leaves the
/// posture undetermined; it is no failure.
///
/// # Errors
/// Every document that is malformed; or the reason why they are not about one repository.
pub async fn preflight(
    source: &dyn PostureSource,
    scope: &PostureScope,
    request: &Request,
) -> Result<Posture, Failure> {
    let fetched = source.documents(scope).await;
    let documents = Documents::read(fetched.iter().map(saved))
        .map_err(|errors| Failure::of(errors.into_iter().map(Reason::from).collect()))?;
    Ok(judge(&documents, request)?)
}

fn saved(document: &SavedDocument) -> Saved<'_> {
    let answer = document.answer.as_deref().map_err(|refusal| Refusal {
        code: refusal.code.clone(),
        message: refusal.message.clone(),
    });
    Saved::fetched(document.name, &document.about, answer)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use boltseal_ports::DocumentRefusal;
    use boltseal_posture::Outcome;

    use super::*;

    /// What an account answers about the policy of a repository.
    struct Account(Result<&'static str, &'static str>);

    #[async_trait]
    impl PostureSource for Account {
        async fn documents(&self, _scope: &PostureScope) -> Vec<SavedDocument> {
            let answer = self
                .0
                .map(|text| text.as_bytes().to_vec())
                .map_err(|code| DocumentRefusal { code: code.to_owned(), message: String::new() });
            vec![SavedDocument { name: "get-repository-policy", about: "app".to_owned(), answer }]
        }
    }

    async fn judged(answer: Result<&'static str, &'static str>) -> Result<Posture, Failure> {
        let request = Request::new("2026-06-01T00:00:00Z".parse().unwrap());
        preflight(&Account(answer), &PostureScope::default(), &request).await
    }

    #[tokio::test]
    async fn an_answer_a_denial_and_nonsense_are_three_things() {
        let none = judged(Err("RepositoryPolicyNotFoundException")).await.unwrap();
        assert_eq!(none.outcome, Outcome::Passed, "{none:?}");
        let denied = judged(Err("AccessDeniedException")).await.unwrap();
        assert_eq!(denied.outcome, Outcome::Undetermined, "{denied:?}");
        assert!(denied.findings.iter().any(|it| it.id == "posture-unknown"), "{denied:?}");
        let public = concat!(
            r#"{"policyText": "{\"Statement\":[{\"Effect\":\"Allow\","#,
            r#"\"Principal\":\"*\",\"Action\":\"ecr:PutImage\"}]}"}"#
        );
        assert_eq!(judged(Ok(public)).await.unwrap().outcome, Outcome::Refused);
        assert_eq!(judged(Ok("{]")).await.unwrap_err().reasons()[0].exit.code(), 20);
    }
}

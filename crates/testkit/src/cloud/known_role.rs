//! Identity and Access Management, as far as it shows a role.

use super::call::Call;
use super::http::Reply;
use super::service_error::ServiceError;
use super::xml::answer;
use crate::registry::encode;

/// `GetRole`: the role with its trust policy, percent-encoded as the service has it.
pub(crate) fn get(call: &Call<'_>) -> Result<Reply, ServiceError> {
    let form = call.request.form();
    let name = form.first("RoleName").unwrap_or_default();
    let account = &call.realm.account;
    call.permitted_on(&account.role_arn(name))?;
    let role = call.realm.roles.iter().find(|it| it.name == name).ok_or_else(|| {
        let message = format!("The role with name {name} cannot be found.");
        ServiceError::new("NoSuchEntity", message).with_status(404)
    })?;
    let longest = role.max_session.as_secs().to_string();
    Ok(answer(
        call.operation,
        &[
            ("Role/Path", "/"),
            ("Role/RoleName", name),
            ("Role/RoleId", "AROATESTKIT"),
            ("Role/Arn", &account.role_arn(name)),
            ("Role/CreateDate", "2026-01-01T00:00:00Z"),
            ("Role/AssumeRolePolicyDocument", &encode(&role.trust.to_string())),
            ("Role/MaxSessionDuration", &longest),
        ],
    ))
}

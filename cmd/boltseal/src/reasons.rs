//! Several inputs, each of which may be wrong: all that is wrong is said at once.

use boltseal_core::Reason;

/// The value, or its reasons added to `found`.
pub(crate) fn keep<T>(found: &mut Vec<Reason>, result: Result<T, Vec<Reason>>) -> Option<T> {
    result.map_err(|reasons| found.extend(reasons)).ok()
}

/// All values, or all reasons.
pub(crate) fn all<T>(
    results: impl Iterator<Item = Result<T, Reason>>,
) -> Result<Vec<T>, Vec<Reason>> {
    let (mut values, mut reasons) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(reason) => reasons.push(reason),
        }
    }
    if reasons.is_empty() { Ok(values) } else { Err(reasons) }
}

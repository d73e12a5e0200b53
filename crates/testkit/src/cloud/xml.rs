//! Answers of the services that speak the Query protocol.

use super::http::Reply;
use super::service::Operation;
use super::service_error::{escaped, namespace};

/// The answer of an operation: its result, and metadata.
pub(crate) fn answer(operation: &Operation, members: &[(&str, &str)]) -> Reply {
    let namespace = namespace(operation.service);
    let operation = &operation.name;
    let id = "00000000-0000-4000-8000-000000000000";
    let body = format!(
        "<{operation}Response xmlns=\"{namespace}\">\n  <{operation}Result>\n{}  \
         </{operation}Result>\n  <ResponseMetadata>\n    <RequestId>{id}</RequestId>\n  \
         </ResponseMetadata>\n</{operation}Response>\n",
        elements(members, 4),
    );
    Reply::new(200, "text/xml", body)
}

/// Elements of text. A name `A/B` stands for an element `B` in an element `A`; those of one `A`
/// follow one another.
fn elements(members: &[(&str, &str)], indent: usize) -> String {
    let mut text = String::new();
    let space = " ".repeat(indent);
    let parent = |(name, _): &(&str, &str)| name.split_once('/').map(|(it, _)| it.to_owned());
    for group in members.chunk_by(|a, b| parent(a).is_some() && parent(a) == parent(b)) {
        if let Some(name) = group.first().and_then(parent) {
            let inner: Vec<_> = group
                .iter()
                .filter_map(|(name, value)| Some((name.split_once('/')?.1, *value)))
                .collect();
            let inner = elements(&inner, indent + 2);
            text += &[&*space, "<", &name, ">\n", &inner, &space, "</", &name, ">\n"].concat();
            continue;
        }
        for (name, value) in group {
            let value = escaped(value);
            text += &[&*space, "<", name, ">", &value, "</", name, ">\n"].concat();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_nest_and_are_escaped() {
        let text = elements(&[("A", "1<2"), ("B/C", "x"), ("B/D", "y"), ("E", "")], 0);
        assert_eq!(text, "<A>1&lt;2</A>\n<B>\n  <C>x</C>\n  <D>y</D>\n</B>\n<E></E>\n");
    }
}

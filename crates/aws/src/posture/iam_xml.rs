//! IAM's XML, as the AWS CLI prints it: JSON with numbers, truth values, lists, and policy
//! documents as objects.

use boltseal_core::json;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use xmlparser::{ElementEnd, Token, Tokenizer};

const MAX_DEPTH: usize = 32;

/// Members that are lists, by the end of their names or whole. An empty one looks like an empty
/// text on the wire.
const LISTS: [&str; 4] = ["AttachedManagedPolicies", "Policies", "Roles", "Tags"];
const DOCUMENTS: [&str; 3] = ["AssumeRolePolicyDocument", "Document", "PolicyDocument"];
const NUMBERS: [&str; 4] =
    ["AttachmentCount", "MaxSessionDuration", "PermissionsBoundaryUsageCount", "SerialNumberCount"];
const TRUTHS: [&str; 3] = ["IsAttachable", "IsDefaultVersion", "IsTruncated"];

/// The content of `ACTIONResult`, or of the error.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answered {
    /// The result's members.
    Result(Map<String, Value>),
    /// The error's code and message.
    Error { code: String, message: String },
}

/// Reads an answer of IAM.
///
/// # Errors
/// Says what is wrong with it.
pub(super) fn read(text: &str) -> Result<Answered, &'static str> {
    let root = tree(text)?;
    if let Some(error) = root.children.iter().find(|it| it.name == "Error") {
        let of = |name| error.child(name).map(|it| it.text.clone()).unwrap_or_default();
        return Ok(Answered::Error { code: of("Code"), message: of("Message") });
    }
    let result = root.children.into_iter().find(|it| it.name.ends_with("Result"));
    let result = result.ok_or("an answer without a result")?;
    Ok(Answered::Result(result.children.into_iter().map(Element::into_member).collect()))
}

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Self>,
}

impl Element {
    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|it| it.name == name)
    }

    fn into_member(self) -> (String, Value) {
        (self.name.clone(), self.into_value())
    }

    fn into_value(self) -> Value {
        let name = self.name.as_str();
        if name.ends_with("List") || LISTS.contains(&name) {
            return self.children.into_iter().map(Self::into_value).collect();
        }
        if !self.children.is_empty() {
            return Value::Object(self.children.into_iter().map(Self::into_member).collect());
        }
        if DOCUMENTS.contains(&name) {
            return policy(&self.text);
        }
        match self.text.as_str() {
            "true" if TRUTHS.contains(&name) => true.into(),
            "false" if TRUTHS.contains(&name) => false.into(),
            text if NUMBERS.contains(&name) => match text.parse::<u64>() {
                Ok(number) => number.into(),
                Err(_) => text.into(),
            },
            _ => self.text.into(),
        }
    }
}

/// A policy document, which IAM sends percent-encoded. One that is no strict JSON stays a text:
/// whoever judges it says so.
fn policy(text: &str) -> Value {
    let decoded = percent_decode_str(text).decode_utf8_lossy().into_owned();
    json::parse(decoded.as_bytes()).unwrap_or(Value::String(decoded))
}

fn tree(text: &str) -> Result<Element, &'static str> {
    let mut open: Vec<Element> = Vec::new();
    for token in Tokenizer::from(text) {
        match token.map_err(|_| "an answer that is no XML")? {
            Token::ElementStart { local, .. } => {
                if open.len() == MAX_DEPTH {
                    return Err("an answer that is nested too deeply");
                }
                open.push(Element { name: local.as_str().to_owned(), ..Element::default() });
            }
            Token::ElementEnd { end: ElementEnd::Open, .. } => {}
            Token::ElementEnd { .. } => {
                let mut element = open.pop().ok_or("an answer that is no XML")?;
                if !element.children.is_empty() {
                    element.text.clear();
                }
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Ok(element),
                }
            }
            Token::Text { text } => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&unescaped(text.as_str()));
                }
            }
            Token::Cdata { text, .. } => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(text.as_str());
                }
            }
            // No document type, and so no entities of somebody's own.
            Token::DtdStart { .. } | Token::EmptyDtd { .. } => return Err("an answer with a DTD"),
            _ => {}
        }
    }
    Err("an answer that breaks off")
}

/// With the five entities of XML and the numbered ones replaced.
fn unescaped(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|it| *it <= 10);
        if let Some((character, end)) = end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            clean.push(character);
            rest = &rest[end + 1..];
        } else {
            clean.push('&');
            rest = &rest[1..];
        }
    }
    clean.push_str(rest);
    clean
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "apos" => Some('\''),
        "gt" => Some('>'),
        "lt" => Some('<'),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_role_reads_as_the_cli_prints_it() {
        let text = r#"<?xml version="1.0"?>
            <GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role>
              <Path>/</Path><RoleName>a&amp;b &#x41;</RoleName>
              <AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>
              <MaxSessionDuration>3600</MaxSessionDuration>
              <Tags><member><Key>team</Key><Value>42</Value></member></Tags>
              <RoleLastUsed/>
            </Role></GetRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
            </GetRoleResponse>"#;
        let Ok(Answered::Result(result)) = read(text) else { panic!() };
        assert_eq!(
            Value::Object(result),
            json!({"Role": {"Path": "/", "RoleName": "a&b A",
                "AssumeRolePolicyDocument": {"Statement": []},
                "MaxSessionDuration": 3600, "Tags": [{"Key": "team", "Value": "42"}],
                "RoleLastUsed": ""}})
        );
    }

    #[test]
    fn empty_lists_are_lists_and_truth_values_are_no_texts() {
        let text = "<R><XResult><IsTruncated>false</IsTruncated><UserDetailList/>\
                    <Policies></Policies>\
                    <RoleDetailList><member><RolePolicyList/><PermissionsBoundary>\
                    <Arn>x</Arn></PermissionsBoundary></member></RoleDetailList></XResult></R>";
        let Ok(Answered::Result(result)) = read(text) else { panic!() };
        assert_eq!(
            Value::Object(result),
            json!({"IsTruncated": false, "UserDetailList": [], "Policies": [],
                "RoleDetailList": [{"RolePolicyList": [], "PermissionsBoundary": {"Arn": "x"}}]})
        );
    }

    #[test]
    fn a_policy_that_is_no_json_stays_a_text() {
        let text = "<R><XResult><Document>%7B%22a%22%3A1%2C%22a%22%3A2%7D</Document></XResult></R>";
        let Ok(Answered::Result(result)) = read(text) else { panic!() };
        assert_eq!(result["Document"], r#"{"a":1,"a":2}"#);
    }

    #[test]
    fn errors_and_nonsense_are_told_apart() {
        let error = "<ErrorResponse><Error><Code>NoSuchEntity</Code>\
                     <Message>no &lt;role&gt;</Message></Error></ErrorResponse>";
        let (code, message) = ("NoSuchEntity".to_owned(), "no <role>".to_owned());
        assert_eq!(read(error), Ok(Answered::Error { code, message }));
        for bad in ["", "<a>", "<a></b>", "<html></html>", "{}", "<!DOCTYPE x><a/>"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        assert_eq!(read(&deep), Err("an answer that is nested too deeply"));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,200}", inner in "[<>/&;a-z#0-9 ]{0,80}") {
            drop(read(&text));
            drop(read(&format!("<R><XResult>{inner}</XResult></R>")));
        }
    }
}

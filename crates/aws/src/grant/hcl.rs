//! As much of the language of Terraform as a module is written in, formatted as `terraform fmt`
//! does it.

use std::fmt::Write as _;

use serde_json::Value;

use super::json_text::ordered;

/// What stands in a file or a block.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// `# TEXT`.
    Comment(String),
    /// `NAME = EXPRESSION`.
    Attribute(&'static str, Expression),
    /// `KIND "LABEL" ... { ... }`.
    Block(&'static str, Vec<String>, Vec<Self>),
    /// An empty line.
    Gap,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// A reference or a call, as it is.
    Code(String),
    /// Text, numbers, truth values, lists and objects.
    Value(Value),
    /// The same, as JSON text: `jsonencode(...)`.
    Json(Value),
}

impl Expression {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Value(Value::String(text.into()))
    }

    pub(super) fn code(text: impl Into<String>) -> Self {
        Self::Code(text.into())
    }

    fn write(&self, depth: usize) -> String {
        match self {
            Self::Code(code) => code.clone(),
            Self::Value(value) => value_text(value, depth),
            Self::Json(value) => format!("jsonencode({})", value_text(value, depth)),
        }
    }
}

/// A file of these.
pub(super) fn file(items: &[Item]) -> String {
    let mut text = String::new();
    write_items(&mut text, items, 0);
    text
}

fn write_items(text: &mut String, items: &[Item], depth: usize) {
    let mut lines = Lines::new(depth);
    for item in items {
        match item {
            Item::Attribute(name, expression) => lines.add(name, &expression.write(depth)),
            other => {
                lines.end(text);
                write_item(text, other, depth);
            }
        }
    }
    lines.end(text);
}

fn write_item(text: &mut String, item: &Item, depth: usize) {
    let space = "  ".repeat(depth);
    // Writing to a string does not fail.
    let _ = match item {
        Item::Gap => writeln!(text),
        Item::Comment(comment) => writeln!(text, "{space}# {comment}"),
        Item::Block(kind, labels, items) => {
            let labels = labels.iter().map(|it| format!(" {}", quoted(it)));
            let _ = writeln!(text, "{space}{kind}{} {{", labels.collect::<String>());
            write_items(text, items, depth + 1);
            writeln!(text, "{space}}}")
        }
        Item::Attribute(..) => Ok(()),
    };
}

/// Assignments one after the other: the equals signs of those that take one line each stand below
/// one another.
struct Lines {
    space: String,
    together: Vec<(String, String)>,
    text: String,
}

impl Lines {
    fn new(depth: usize) -> Self {
        Self { space: "  ".repeat(depth), together: Vec::new(), text: String::new() }
    }

    fn add(&mut self, name: &str, value: &str) {
        if value.contains('\n') {
            self.align();
            let _ = writeln!(self.text, "{}{name} = {value}", self.space);
        } else {
            self.together.push((name.to_owned(), value.to_owned()));
        }
    }

    fn align(&mut self) {
        let width = self.together.iter().map(|it| it.0.chars().count()).max().unwrap_or(0);
        for (name, value) in self.together.drain(..) {
            let _ = writeln!(self.text, "{}{name:width$} = {value}", self.space);
        }
    }

    fn end(&mut self, text: &mut String) {
        self.align();
        text.push_str(&self.text);
        self.text.clear();
    }
}

fn value_text(value: &Value, depth: usize) -> String {
    let space = "  ".repeat(depth);
    match value {
        Value::String(text) => quoted(text),
        Value::Object(members) if !members.is_empty() => {
            let mut lines = Lines::new(depth + 1);
            for (name, value) in ordered(members) {
                lines.add(&member(name), &value_text(value, depth + 1));
            }
            let mut text = "{\n".to_owned();
            lines.end(&mut text);
            text + &space + "}"
        }
        Value::Array(items) if items.len() > 1 || items.iter().any(Value::is_object) => {
            let lines = items.iter().map(|it| format!("{space}  {},\n", value_text(it, depth + 1)));
            format!("[\n{}{space}]", lines.collect::<String>())
        }
        other => other.to_string(),
    }
}

/// An identifier as it is, and anything else as text.
fn member(name: &str) -> String {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if starts && name.chars().all(plain) { name.to_owned() } else { quoted(name) }
}

/// Text in which nothing is a template.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => quoted.extend([c, c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_in_a_text_is_a_template_or_its_end() {
        assert_eq!(quoted("a\"b\\c"), r#""a\"b\\c""#);
        assert_eq!(quoted("${aws:x} %{if} $ {"), r#""$${aws:x} %%{if} $ {""#);
        assert_eq!(quoted("a\n}\u{1}"), "\"a\\n}\\u0001\"");
        assert_eq!(member("kms:Sign"), "\"kms:Sign\"");
        assert_eq!(member("${x}"), "\"$${x}\"");
    }

    #[test]
    fn equals_signs_stand_below_one_another_where_each_takes_one_line() {
        let items = [Item::Block(
            "resource",
            vec!["aws_iam_role".to_owned(), "release".to_owned()],
            vec![
                Item::Attribute("name", Expression::text("x")),
                Item::Attribute("max_session_duration", Expression::Value(json!(3600))),
                Item::Attribute(
                    "assume_role_policy",
                    Expression::Json(json!({"Version": "1", "Statement": [{"Sid": "A",
                        "Effect": "Allow", "Action": ["a", "b"], "Principal": "*"}]})),
                ),
                Item::Attribute("tags", Expression::Value(json!([]))),
            ],
        )];
        let expected = r#"resource "aws_iam_role" "release" {
  name                 = "x"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "1"
    Statement = [
      {
        Sid       = "A"
        Effect    = "Allow"
        Principal = "*"
        Action = [
          "a",
          "b",
        ]
      },
    ]
  })
  tags = []
}
"#;
        assert_eq!(file(&items), expected);
    }
}

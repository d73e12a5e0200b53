use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Value, json};

/// As much of Terraform's language as a module of `init` is written in, read on its own: blocks as
/// a list of these, attributes with their values, `jsonencode(X)` as X in a text, and a reference
/// as `{"ref": CODE}`.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: String,
    pub(super) labels: Vec<String>,
    pub(super) attributes: Map<String, Value>,
    pub(super) blocks: Vec<Self>,
}

pub(super) fn parse(text: &str) -> Block {
    let mut reader = Reader { rest: text.chars().peekable() };
    let file = reader.body("file".to_owned(), Vec::new());
    assert!(reader.rest.next().is_none(), "something after the last block");
    file
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
}

impl Reader<'_> {
    /// Up to the closing brace, which is left, or the end.
    fn body(&mut self, kind: String, labels: Vec<String>) -> Block {
        let mut block = Block { kind, labels, attributes: Map::new(), blocks: Vec::new() };
        loop {
            self.space();
            if matches!(self.rest.peek(), None | Some('}')) {
                return block;
            }
            let name = self.word();
            self.space();
            if self.takes('=') {
                let value = self.expression();
                assert!(block.attributes.insert(name.clone(), value).is_none(), "{name} twice");
                continue;
            }
            let mut labels = Vec::new();
            while self.rest.peek() == Some(&'"') {
                labels.push(self.quoted());
                self.space();
            }
            assert!(self.takes('{'), "a block {name} opens");
            let inner = self.body(name, labels);
            assert!(self.takes('}'), "a block closes");
            block.blocks.push(inner);
        }
    }

    fn expression(&mut self) -> Value {
        self.space();
        match *self.rest.peek().expect("a value") {
            '"' => self.quoted().into(),
            '[' => self.list(),
            '{' => self.object(),
            _ => self.code(),
        }
    }

    fn list(&mut self) -> Value {
        let mut items = Vec::new();
        self.rest.next();
        loop {
            self.space();
            if self.takes(']') {
                return items.into();
            }
            items.push(self.expression());
            self.space();
            self.takes(',');
        }
    }

    fn object(&mut self) -> Value {
        let mut members = Map::new();
        self.rest.next();
        loop {
            self.space();
            if self.takes('}') {
                return members.into();
            }
            let quoted = self.rest.peek() == Some(&'"');
            let name = if quoted { self.quoted() } else { self.word() };
            self.space();
            assert!(self.takes('='), "a value for {name}");
            members.insert(name, self.expression());
        }
    }

    /// A word, a number, a call of `jsonencode`, or whatever stands up to the line's end.
    fn code(&mut self) -> Value {
        let mut code = String::new();
        while let Some(c) = self.rest.next_if(|c| !"\n,]".contains(*c)) {
            code.push(c);
            if code == "jsonencode(" {
                let value = self.expression();
                self.space();
                assert!(self.takes(')'), "jsonencode closes");
                return value.to_string().into();
            }
        }
        serde_json::from_str(code.trim()).unwrap_or_else(|_| json!({"ref": code.trim()}))
    }

    fn quoted(&mut self) -> String {
        self.rest.next();
        let mut text = String::new();
        loop {
            match self.rest.next().expect("an end of the text") {
                '"' => return text,
                '\\' => text.push(match self.rest.next().expect("an escape") {
                    'n' => '\n',
                    other => other,
                }),
                c @ ('$' | '%') if self.rest.peek() == Some(&c) => {
                    self.rest.next();
                    assert_eq!(self.rest.peek(), Some(&'{'), "only templates are escaped so");
                    text.push(c);
                }
                c @ ('$' | '%') => {
                    assert_ne!(self.rest.peek(), Some(&'{'), "a template in {text:?}");
                    text.push(c);
                }
                c => text.push(c),
            }
        }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
            word.push(c);
        }
        assert!(
            !word.is_empty(),
            "a name before {:?}",
            self.rest.clone().take(20).collect::<String>()
        );
        word
    }

    fn space(&mut self) {
        loop {
            while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
            if !self.takes('#') {
                return;
            }
            while self.rest.next_if(|c| *c != '\n').is_some() {}
        }
    }

    fn takes(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }
}

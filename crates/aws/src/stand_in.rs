//! For tests: a server that answers as a test tells it, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use boltseal_ports::{Clock, IdClaims, IdToken, IdentityError, IdentityProvider, Meter as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::{Aws, AwsEnvironment, AwsOptions, RoleRequest, Session};

/// The time at which every test runs, until it moves it.
pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/ci";

/// A request, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Asked {
    /// What was asked for: the end of `X-Amz-Target`, the `Action` of a form, or the path.
    pub(crate) fn action(&self) -> &str {
        if let Some(target) = self.header("x-amz-target") {
            return target.rsplit_once('.').map_or(target, |(_, action)| action);
        }
        let action = self.body.split('&').find_map(|it| it.strip_prefix("Action="));
        action.unwrap_or_else(|| self.line.split(' ').nth(1).unwrap_or_default())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

pub(crate) fn ok(body: &Value) -> Answer {
    Answer { status: 200, body: body.to_string() }
}

pub(crate) fn refuse(code: &str, message: &str) -> Answer {
    Answer { status: 400, body: json!({ "__type": code, "message": message }).to_string() }
}

/// An error as the query services answer it.
pub(crate) fn refuse_xml(code: &str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error><RequestId>r</RequestId></ErrorResponse>"
    );
    Answer { status: 400, body }
}

/// Credentials that expire at `expires`.
pub(crate) fn assumed(key: &str, expires: &str) -> Answer {
    let body = format!(
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
         <AccessKeyId>{key}</AccessKeyId><SecretAccessKey>hunter2</SecretAccessKey>\
         <SessionToken>hunter2-session</SessionToken><Expiration>{expires}</Expiration>\
         </Credentials><AssumedRoleUser>\
         <Arn>arn:aws:sts::111122223333:assumed-role/ci/boltseal</Arn>\
         <AssumedRoleId>A:boltseal</AssumedRoleId></AssumedRoleUser>\
         </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
    );
    Answer { status: 200, body }
}

/// A server on this machine.
pub(crate) struct StandIn {
    asked: Arc<Mutex<Vec<Asked>>>,
    clock: Arc<MovedClock>,
    aws: Aws,
}

impl StandIn {
    /// Answers by `handler`; roles are assumed without it, unless it says otherwise.
    pub(crate) async fn new(
        handler: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        Self::with_patience(Duration::from_mins(1), handler).await
    }

    /// The same, for tests that wait for the end of the patience.
    pub(crate) async fn with_patience(
        patience: Duration,
        handler: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (log, handler) = (Arc::clone(&asked), Arc::new(handler));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, handler) = (Arc::clone(&log), Arc::clone(&handler));
                tokio::spawn(async move { serve(stream, &log, handler.as_ref()).await });
            }
        });
        let clock = Arc::new(MovedClock(Mutex::new(NOW.parse().unwrap())));
        let url = format!("http://{address}");
        let environment = AwsEnvironment::of(|name| match name {
            "AWS_ENDPOINT_URL" => Some(url.clone()),
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            _ => None,
        });
        let aws = Aws::new(AwsOptions {
            environment: environment.unwrap(),
            user_agent: "test".to_owned(),
            patience,
            clock: clock.clone(),
        });
        Self { asked, clock, aws: aws.unwrap() }
    }

    pub(crate) fn aws(&self) -> &Aws {
        &self.aws
    }

    pub(crate) fn session(&self) -> Session {
        self.session_of(identity(NOW, Renewal::Renews), None)
    }

    pub(crate) fn session_of(
        &self,
        identity: impl IdentityProvider + 'static,
        audience: Option<&str>,
    ) -> Session {
        let request = RoleRequest {
            role: ROLE.parse().unwrap(),
            audience: audience.map(ToOwned::to_owned),
            name: "boltseal-7-1".to_owned(),
            policy: Some(r#"{"Version":"2012-10-17"}"#.to_owned()),
            lifetime: Duration::from_hours(1),
        };
        let region = "eu-central-1".parse().unwrap();
        Session::of_role(&self.aws, &region, Arc::new(identity), request).unwrap()
    }

    /// Everything that was asked so far, without the roles.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let all = self.asked.lock().unwrap().clone();
        all.into_iter().filter(|it| it.action() != "AssumeRoleWithWebIdentity").collect()
    }

    pub(crate) fn actions(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|it| it.action().to_owned()).collect()
    }

    pub(crate) fn traffic_writes(&self) -> u64 {
        self.aws.traffic().writes
    }

    pub(crate) fn advance(&self, time: Duration) {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.checked_add(time).unwrap();
    }
}

struct MovedClock(Mutex<Timestamp>);

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

async fn serve(
    mut stream: TcpStream,
    log: &Mutex<Vec<Asked>>,
    handler: &(dyn Fn(&Asked) -> Option<Answer> + Send + Sync),
) {
    let Some(asked) = read(&mut stream).await else {
        return;
    };
    log.lock().unwrap().push(asked.clone());
    let answer = handler(&asked).unwrap_or_else(|| match asked.action() {
        "AssumeRoleWithWebIdentity" => assumed("AKIA", "2026-03-01T13:00:00Z"),
        other => refuse("UnknownOperationException", other),
    });
    let Answer { status, body } = answer;
    let text = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).await.unwrap();
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        let mut piece = vec![0; 64 * 1024];
        let length = stream.read(&mut piece).await.ok().filter(|it| *it > 0)?;
        bytes.extend_from_slice(&piece[..length]);
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let (line, head) = text.split_once("\r\n").unwrap_or((&text, ""));
    let mut asked = Asked { line: line.to_owned(), head: head.to_owned(), body: String::new() };
    let length = asked.header("content-length").map_or(0, |it| it.parse().unwrap());
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        let mut piece = vec![0; 64 * 1024];
        let count = stream.read(&mut piece).await.ok().filter(|it| *it > 0)?;
        body.extend_from_slice(&piece[..count]);
    }
    asked.body = String::from_utf8_lossy(&body).into_owned();
    Some(asked)
}

/// Whether an identity gives fresh tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renewal {
    Renews,
    Static,
}

pub(crate) struct TestIdentity {
    expires: Timestamp,
    renewal: Renewal,
}

/// A token of a GitHub job that expires ten minutes after `issued`.
pub(crate) fn identity(issued: &str, renewal: Renewal) -> TestIdentity {
    let issued: Timestamp = issued.parse().unwrap();
    TestIdentity { expires: issued.checked_add(Duration::from_mins(10)).unwrap(), renewal }
}

#[async_trait]
impl IdentityProvider for TestIdentity {
    fn name(&self) -> &'static str {
        "GitLab"
    }

    async fn token(&self, _audience: &str) -> Result<IdToken, IdentityError> {
        let claims = IdClaims {
            issuer: "https://gitlab.example".to_owned(),
            subject: "project_path:acme/app:ref_type:branch:ref:main".to_owned(),
            audiences: vec!["sts.amazonaws.com".to_owned()],
            expires: Some(self.expires),
            issued: self.expires.checked_sub(Duration::from_mins(10)).ok(),
            ..IdClaims::default()
        };
        Ok(IdToken::new("eyJ.hunter2.token", claims))
    }

    fn renews(&self) -> bool {
        self.renewal == Renewal::Renews
    }
}

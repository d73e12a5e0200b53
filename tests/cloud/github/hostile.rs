//! What somebody hostile may bring about: values of inputs, and whatever boltseal prints.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::act::Act;
use super::release::release;
use crate::account::options;
use crate::job::Job;
use crate::key::Key;

/// Values that a title of a pull request or the name of a branch may bring into an input.
const VALUES: [&str; 12] = [
    "$(touch $OUT/pwned)",
    "`touch $OUT/pwned`",
    "x; touch $OUT/pwned",
    "x' && touch $OUT/pwned #",
    "x\" | touch $OUT/pwned #",
    "--dry-run",
    "--help",
    "-vv",
    "x\n::error::pwned",
    "x\r::set-output name=digest::pwned",
    "::set-output name=digest::pwned",
    "a b * ${HOME} \u{1b}[2J",
];

#[test]
fn values_are_never_commands() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    for value in VALUES {
        for name in ["image", "tag", "mode", "report"] {
            let ran = act.push(&release(&job, &key).with(name, value));
            let code = ran.output("exit-code");
            assert!(["2", "20"].contains(&code), "{name}={value:?}: {}", ran.told());
            assert_eq!(ran.output("digest"), "", "{name}={value:?}");
            let annotations = ["error", "warning", "notice"].map(|it| ran.annotations(it)).concat();
            assert!(annotations.iter().all(|it| it != "pwned"), "{name}={value:?}");
            assert!(!annotations.is_empty(), "{name}={value:?}: {}", ran.told());
        }
    }
    assert!(!act.out().join("pwned").exists());
    job.left_nothing();
}

/// The log of a program is no list of commands, whatever it prints.
#[test]
fn what_is_printed_is_never_a_command() {
    let (job, key) = (Job::new(options()), Key::p256());
    let act = Act::new(&job);
    let fake = job.path().join("fake");
    let script = "#!/bin/sh
echo '::error::pwned'
echo '::set-output name=digest::pwned' >&2
echo '::stop-commands::pwned'
echo '  ::add-mask::released'
echo '::set-env name=PATH::pwned'
exit 10
";
    fs::write(&fake, script).unwrap();
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
    let workflow = release(&job, &key).with("boltseal-path", &fake.display().to_string());
    let ran = act.push(&workflow).exits(10);
    assert_eq!(ran.output("digest"), "");
    let errors = ran.annotations("error");
    assert!(errors.len() == 1 && errors[0] != "pwned", "{errors:?}");
    assert!(errors[0].ends_with("(exit code 10)"), "{errors:?}");
    assert!(ran.told().contains("::error::pwned"), "it is shown: {}", ran.told());
}

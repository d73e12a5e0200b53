//! Manual pages and completions, by the programs that read them.

use std::fs;

use crate::program::Program;

#[test]
fn groff_has_nothing_to_say_about_the_pages() {
    let folder = tempfile::tempdir().unwrap();
    Program::boltseal().run_in(folder.path(), &["man", "--dir", "."]).exits(0);
    let mut pages = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let file = entry.unwrap().path();
        let read = Program::debian("groff").run(&["-man", "-ww", "-z", file.to_str().unwrap()]);
        assert_eq!(read.exits(0).stderr, "", "{}", file.display());
        pages += 1;
    }
    assert!(pages > 15, "{pages} pages");
}

/// What bash offers is what begins with what was typed, and nothing else.
#[test]
fn bash_completes_commands_and_flags() {
    let folder = tempfile::tempdir().unwrap();
    let script = Program::boltseal().run(&["completions", "bash"]).exits(0).stdout;
    fs::write(folder.path().join("boltseal.bash"), script).unwrap();
    let offered = |words: &str| {
        let last = words.matches(' ').count();
        let line = format!(
            "source ./boltseal.bash; COMP_WORDS=({words}); COMP_CWORD={last}; _boltseal boltseal \
             \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{last}-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        let run = Program::debian("bash").run_in(folder.path(), &["-c", &line]).exits(0);
        run.stdout.trim().to_owned()
    };
    assert_eq!(offered("boltseal prom"), "promote");
    assert_eq!(offered("boltseal doctor o"), "oidc");
    assert_eq!(offered("boltseal release --allowed"), "--allowed-account");
}

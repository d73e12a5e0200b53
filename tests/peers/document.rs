use std::fs;
use std::path::Path;

/// The one block of code in this language in docs/compatibility.md, so that what users copy from
/// there is what was run.
pub(crate) fn documented(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compatibility.md");
    let text = fs::read_to_string(&path).expect("the document is there");
    let fence = format!("```{language}\n");
    let blocks: Vec<&str> = text.split(&fence).skip(1).collect();
    let [block] = &*blocks else { panic!("one block of {language} is expected in the document") };
    let (code, _) = block.split_once("```").expect("the block is closed");
    code.to_owned()
}

//! The binary as a person runs it: arguments in, output and exit code out.

use std::process::{Child, Command, Stdio};

/// The binary under test, without anything that the environment of this machine might tell it.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cartwright"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let of_ours = ["CARTWRIGHT_", "RUST_", "STRIPE_"].iter().any(|prefix| name.starts_with(prefix));
        if of_ours || name == "DATABASE_URL" || name == "REDIS_URL" {
            command.env_remove(&*name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What a finished run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The output of a run that went well.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.out
    }

    /// The JSON of a run that ended with this code.
    #[track_caller]
    pub(crate) fn json(&self, code: i32) -> serde_json::Value {
        assert_eq!(self.code, Some(code), "{self:#?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }

    /// A run that failed with this code and said why in one line, without a panic or a backtrace.
    #[track_caller]
    pub(crate) fn one_clear_line(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:#?}");
        let all = format!("{}\n{}", self.out, self.err);
        for noise in ["panicked", "RUST_BACKTRACE", "stack backtrace", "Os {", "Err("] {
            assert!(!all.contains(noise), "{noise:?} in {self:#?}");
        }
        let lines: Vec<&str> = self.err.lines().filter(|line| !line.trim().is_empty()).collect();
        let [line] = lines.as_slice() else { panic!("not one line: {self:#?}") };
        line
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ran {
    let output = command.output().expect("the program can be started");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Sends a signal such as `TERM`.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]).status();
    assert!(status.is_ok_and(|status| status.success()), "the process can be sent {name}");
}

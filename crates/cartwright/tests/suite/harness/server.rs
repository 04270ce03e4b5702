//! A server of the test's own, on a database of its own and a port that the system picks.

use super::program::{Ran, program, run, signal};
use super::shop::{Addresses, Shop};
use super::storage::{Database, nodes};
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use uuid::Uuid;

/// More than anybody waits for: a machine may be busy with other things.
const START_LIMIT: Duration = Duration::from_secs(120);
const STOP_LIMIT: Duration = Duration::from_secs(120);

/// A running server of one node or several. It ends with the value.
pub(crate) struct Server {
    children: Vec<Child>,
    nodes: usize,
    database: Database,
    folder: TempDir,
    addresses: Arc<Addresses>,
    arguments: Vec<String>,
    file_handles: Option<u32>,
    environment: Vec<(String, String)>,
    /// An operator's key.
    pub key: String,
    said: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server without goods.
    pub(crate) fn start() -> Server {
        Server::with(&[])
    }

    /// A server with the demo goods.
    pub(crate) fn demo() -> Server {
        Server::with(&["--demo"])
    }

    /// A server with further arguments.
    pub(crate) fn with(arguments: &[&str]) -> Server {
        Server::made(Database::new, nodes(), arguments, None)
    }

    /// Nodes on one PostgreSQL database, whatever the other tests run on.
    pub(crate) fn nodes(count: usize) -> Server {
        Server::made(|_| Database::on_server(), count, &[], None)
    }

    /// As [`Server::nodes`], with further arguments.
    pub(crate) fn nodes_with(count: usize, arguments: &[&str]) -> Server {
        Server::made(|_| Database::on_server(), count, arguments, None)
    }

    /// Nodes, with further arguments, on the database at this address.
    pub(crate) fn at(url: &str, count: usize, arguments: &[&str]) -> Server {
        Server::made(|_| Database::Elsewhere(url.to_owned()), count, arguments, None)
    }

    /// A server that the system allows only so many open files and connections.
    pub(crate) fn with_file_handles(count: u32) -> Server {
        Server::made(Database::new, nodes(), &[], Some(count))
    }

    /// A server on a database that belongs to the test.
    pub(crate) fn on(url: &str) -> Server {
        Server::at(url, 1, &[])
    }

    /// Starts on another database, which knows the same key.
    pub(crate) fn move_to(&mut self, url: &str) {
        self.kill();
        self.database = Database::Elsewhere(url.to_owned());
        self.launch();
    }

    fn made(
        database: impl FnOnce(&Path) -> Database,
        nodes: usize,
        arguments: &[&str],
        file_handles: Option<u32>,
    ) -> Server {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the database");
        let mut server = Server {
            children: Vec::new(),
            nodes,
            database: database(folder.path()),
            folder,
            addresses: Arc::default(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            key: String::new(),
            said: Arc::default(),
            environment: Vec::new(),
            file_handles,
        };
        server.key = server.create_key(&[]);
        server.launch();
        server
    }

    /// A new operator's key, made by the command.
    pub(crate) fn create_key(&self, more: &[&str]) -> String {
        // The first of a new database is called `tests`: no two have one name.
        let is_first = self.key.is_empty() && !matches!(self.database, Database::Elsewhere(_));
        let name = if is_first { "tests".to_owned() } else { format!("tests {}", Uuid::new_v4()) };
        let mut command = program(&["keys", "create", "--name", &name, "--database", &self.database()]);
        let key = run(command.args(more)).good();
        let key = key.trim();
        assert!(key.starts_with("sk_") && !key.contains(char::is_whitespace), "a key alone on the output: {key:?}");
        key.to_owned()
    }

    /// The database as an argument.
    pub(crate) fn database(&self) -> String {
        self.database.url()
    }

    /// Runs a statement past the server, and returns how many rows it touched.
    pub(crate) fn execute(&self, sql: &str) -> usize {
        self.database.execute(sql)
    }

    /// The database's file.
    pub(crate) fn file(&self) -> PathBuf {
        match &self.database {
            Database::File(path) => path.clone(),
            Database::Postgres(_) | Database::Elsewhere(_) => panic!("there is no file"),
        }
    }

    /// All that the database and the server's folder hold, each with its name.
    pub(crate) fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(self.folder.path()).expect("a folder");
        let mut all: Vec<(String, Vec<u8>)> = entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_file())
            .map(|path| (path.display().to_string(), std::fs::read(&path).expect("a file")))
            .collect();
        all.push(("the database".to_owned(), self.database.dump()));
        all
    }

    /// A folder that ends with the server.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the server is.
    pub(crate) fn url(&self) -> String {
        self.addresses.first()
    }

    /// What somebody is told who connects and asks nothing: nothing, unless the server has no place left. The answer is not lost,
    /// since nothing was sent that the server did not read.
    pub(crate) fn told_at_the_door(&self) -> String {
        use std::io::Read;
        let url = self.url();
        let mut socket = std::net::TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
        socket.set_read_timeout(Some(std::time::Duration::from_secs(2))).expect("set");
        let mut told = Vec::new();
        let _ = socket.read_to_end(&mut told);
        String::from_utf8_lossy(&told).into_owned()
    }

    /// The lines that the server printed on its standard output.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().expect("no test panicked here").clone()
    }

    /// What the server logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// HTTP as an operator of the default store.
    pub(crate) fn shop(&self) -> Shop {
        Shop::new(self.addresses.clone(), Some(self.key.clone()))
    }

    /// HTTP as an operator, each node by itself.
    pub(crate) fn shop_of_each_node(&self) -> Vec<Shop> {
        self.addresses.apart().into_iter().map(|one| Shop::new(one, Some(self.key.clone()))).collect()
    }

    /// HTTP as anybody.
    pub(crate) fn guest(&self) -> Shop {
        Shop::new(self.addresses.clone(), None)
    }

    /// The `serve` command on this database.
    pub(crate) fn serve_command(&self, listen: &str) -> Command {
        let mut command = program(&["serve", "--database", &self.database(), "--listen", listen]);
        // Most tests pay by the gateway `test`; those about it say otherwise in the environment.
        command.env("CARTWRIGHT_TEST_GATEWAY", "true");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.args(&self.arguments).arg("--mail-dir").arg(self.mail_folder());
        command
    }

    fn mail_folder(&self) -> PathBuf {
        self.folder.path().join("mails")
    }

    /// The mails to an address so far, in the order in which they were wanted.
    pub(crate) fn mails_to(&self, email: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.mail_folder()) else { return Vec::new() };
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some()).collect();
        paths.sort();
        let mails = paths.iter().map(|path| std::fs::read_to_string(path).expect("a mail"));
        mails.filter(|mail| mail.starts_with(&format!("To: {}\n", email.to_lowercase()))).collect()
    }

    /// A client command against this server, as an operator.
    pub(crate) fn client(&self, arguments: &[&str]) -> Ran {
        let mut command = program(arguments);
        command.env("CARTWRIGHT_URL", self.url()).env("CARTWRIGHT_API_KEY", &self.key);
        command.env("CARTWRIGHT_SESSION", self.folder.path().join("session.json"));
        run(&mut command)
    }

    fn launch(&mut self) {
        let all = (0..self.nodes).map(|_| self.launch_node()).collect();
        self.addresses.set(all);
    }

    /// Pulls the plug of one node.
    pub(crate) fn kill_node(&mut self, node: usize) {
        let _ = self.children[node].kill();
        let _ = self.children[node].wait();
    }

    /// Starts a node again that was killed.
    pub(crate) fn restart_node(&mut self, node: usize) {
        let url = self.launch_node();
        let _ = self.children.swap_remove(node).wait();
        self.addresses.set_one(node, url);
    }

    /// Starts a node and returns its address.
    fn launch_node(&mut self) -> String {
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).expect("a file for the log");
        let mut command = match self.file_handles {
            None => self.serve_command("127.0.0.1:0"),
            Some(count) => limited(&self.serve_command("127.0.0.1:0"), count),
        };
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the server starts");
        let out = BufReader::new(child.stdout.take().expect("its output is ours"));
        self.children.push(child);
        let (found, listening) = mpsc::channel();
        let said = self.said.clone();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some((_, url)) = line.split_once("listening on ") {
                    let _ = found.send(url.split_whitespace().next().unwrap_or_default().to_owned());
                }
                said.lock().expect("no test panicked here").push(line);
            }
        });
        match listening.recv_timeout(START_LIMIT) {
            Ok(url) => url,
            Err(_) => panic!("the server does not listen; it logged:\n{}", self.log()),
        }
    }

    /// Starts with this in its environment from the next time on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Starts with other arguments from the next time on.
    pub(crate) fn allow(&mut self, arguments: &[&str]) {
        self.arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    }

    /// Pulls the plug: SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.children.iter_mut().for_each(|child| drop(child.kill()));
        self.children.drain(..).for_each(|mut child| drop(child.wait()));
    }

    /// Starts again on the same database, at a new address.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.launch();
    }

    /// Asks to stop, with SIGTERM.
    pub(crate) fn ask_to_stop(&self) {
        self.children.iter().for_each(|child| signal(child, "TERM"));
    }

    /// Whether the server has died by itself of SIGKILL.
    pub(crate) fn was_killed(&mut self) -> bool {
        use std::os::unix::process::ExitStatusExt;
        let ended = self.children.iter_mut().find_map(|child| child.try_wait().expect("it can be waited for"));
        ended.is_some_and(|status| status.signal() == Some(9))
    }

    /// Waits for the end of a server that was asked to stop; of several nodes, the first that did not end well counts.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        let mut ended: Vec<ExitStatus> = Vec::new();
        while let Some(child) = self.children.get_mut(ended.len()) {
            match child.try_wait().expect("it can be waited for") {
                Some(status) => ended.push(status),
                None if begun.elapsed() < STOP_LIMIT => std::thread::sleep(Duration::from_millis(20)),
                None => panic!("the server did not stop within {STOP_LIMIT:?}; it logged:\n{}", self.log()),
            }
        }
        self.children.clear();
        let first = *ended.first().expect("it runs");
        ended.into_iter().find(|status| !status.success()).unwrap_or(first)
    }

    /// Memory in use by a node, in kibibytes; of several, the most.
    pub(crate) fn memory_kib(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// The most memory that was ever in use by a node, in kibibytes; of several, the most.
    pub(crate) fn peak_memory_kib(&self) -> u64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, which: &str) -> u64 {
        let of = |child: &Child| {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find(|line| line.starts_with(which)).unwrap_or_default().to_owned();
            line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
        };
        self.children.iter().map(of).max().expect("it runs")
    }

    /// Time that the processors have spent on all nodes, in ticks: unlike time on the wall it does not tell how busy a machine is.
    pub(crate) fn cpu_ticks(&self) -> u64 {
        let of = |child: &Child| {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("it runs");
            let after_name = stat.rsplit_once(')').expect("its name stands in brackets").1;
            let numbers = after_name.split_whitespace().skip(11).take(2);
            numbers.map(|number| number.parse::<u64>().expect("a number")).sum::<u64>()
        };
        self.children.iter().map(of).sum()
    }

    /// Waits until no order is without an outcome, then has the checker look at the database itself.
    pub(crate) async fn settle_and_verify(&self) {
        let shop = self.shop();
        super::eventually("no order is pending", Duration::from_secs(30), async || {
            shop.orders(Some("pending_payment")).await.is_empty().then_some(())
        })
        .await;
        self.verify();
    }

    /// Has the checker look at the database itself.
    #[track_caller]
    pub(crate) fn verify(&self) {
        let ran = run(&mut program(&["verify", "--database", &self.database(), "--json"]));
        let report: Value = ran.json(if ran.code == Some(1) { 1 } else { 0 });
        let violations: Vec<&Value> = report["invariants"]
            .as_array()
            .expect("a list of invariants")
            .iter()
            .filter(|invariant| invariant["violations"] != serde_json::json!([]))
            .collect();
        assert!(violations.is_empty(), "the checker found: {violations:#?}\nlog:\n{}", self.log());
        assert_eq!((ran.code, &report["ok"]), (Some(0), &Value::Bool(true)), "{report:#}");
        let names: Vec<&str> =
            report["invariants"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
        for name in ["G1", "G2", "G3", "G4", "G5", "G6", "G7"] {
            assert!(names.contains(&name), "{name} was not checked: {names:?}");
        }
    }
}

/// The same command in a shell that first takes most of its file handles away.
fn limited(command: &Command, file_handles: u32) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -n {file_handles}; exec \"$0\" \"$@\"")]);
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    shell
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(4_000);
            let from = (from..log.len()).find(|at| log.is_char_boundary(*at)).unwrap_or(0);
            eprintln!("--- end of the server's log ---\n{}", &log[from..]);
        }
    }
}

//! The shop that is attacked: a new server for each attack, behind a proxy whose word on addresses it takes.

use super::super::server::{Database, Program, Server, Workplace};
use super::caller::Caller;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a mail may take.
const MAIL_PATIENCE: Duration = Duration::from_secs(10);

/// A shop with an owner and nobody else.
pub(super) struct Scene {
    pub(super) server: Server,
    pub(super) database: Database,
    /// Somebody of whom nothing is known.
    pub(super) anyone: Caller,
    /// The owner of the installation.
    pub(super) owner: Caller,
    place: Workplace,
}

/// A cart and the caller who may change it.
pub(super) struct OwnCart {
    pub(super) id: String,
    pub(super) shopper: Caller,
}

impl Scene {
    /// Starts a server of this build on a new database.
    pub(super) fn open(program: &Program, directory: &Path) -> Result<Scene, String> {
        let place = Workplace::create(directory)?;
        let database = place.database_of(program.clone());
        let key = database.operator_key()?;
        let mails = place.path().join("mails").display().to_string();
        let flags = ["--trust-forwarded-for", "--mail-dir", &mails];
        let server = Server::start_with(&place, &database, "server", &flags)?;
        let anyone = Caller::new(server.address);
        let owner = anyone.key(&key);
        Ok(Scene { server, database, anyone, owner, place })
    }

    /// Stops the server and lets the checker look; what it found, if all does not hold.
    pub(super) fn close(self) -> Result<(), String> {
        let Scene { server, database, place, .. } = self;
        server.stop()?;
        let (whole, says) = database.verify()?;
        drop(place);
        if whole { Ok(()) } else { Err(format!("the database is not whole: {says}")) }
    }

    /// Puts a product on sale.
    pub(super) async fn stock(&self, sku: &str, units: i64) {
        let variant = json!({"sku": sku, "price": 1_000, "on_hand": units});
        let product = json!({"handle": sku.to_lowercase(), "name": sku, "variants": [variant]});
        self.owner.post("/admin/products", &json!({"products": [product]})).await;
    }

    /// Changes settings of the store; the others stay.
    pub(super) async fn settings(&self, settings: Value) -> u16 {
        let store = json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": settings});
        self.owner.post("/admin/stores", &store).await.status
    }

    /// A new cart of somebody at this address.
    pub(super) async fn cart(&self, address: &str, body: &Value) -> OwnCart {
        let guest = self.anyone.from(address);
        let made = guest.post("/carts", body).await;
        OwnCart { id: made.text("/id"), shopper: guest.with("Cart-Token", &made.text("/token")) }
    }

    /// All mails so far.
    pub(super) fn mails(&self) -> Vec<String> {
        let files = fs::read_dir(self.place.path().join("mails")).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
        files.sort();
        files.into_iter().filter_map(|file| fs::read_to_string(file).ok()).collect()
    }

    /// The secrets in the mails to an address, once there are so many.
    pub(super) async fn mailed_secrets(&self, email: &str, count: usize) -> Vec<String> {
        let to = format!("To: {email}\n");
        let is_secret = |line: &&str| line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
        let waited = std::time::Instant::now();
        loop {
            let mails = self.mails().into_iter().filter(|mail| mail.starts_with(&to));
            let found: Vec<String> = mails.filter_map(|mail| Some(mail.lines().find(is_secret)?.to_owned())).collect();
            if found.len() >= count || waited.elapsed() > MAIL_PATIENCE {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The files that the server has made, with their modes.
    pub(super) fn files(&self) -> Vec<(PathBuf, u32)> {
        let mut files = Vec::new();
        let mut folders = vec![self.place.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(data) = entry.metadata() else { continue };
                if data.is_dir() {
                    folders.push(entry.path());
                }
                files.push((entry.path(), std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o777));
            }
        }
        // What this program made itself.
        files.retain(|(path, _)| path.extension().is_none_or(|extension| extension != "log"));
        files
    }

    /// Whether a text stands in a file of the database.
    pub(super) fn database_has(&self, text: &str) -> bool {
        let has = |path: &Path| {
            fs::read(path).is_ok_and(|bytes| super::super::connection::position(&bytes, text.as_bytes()).is_some())
        };
        self.files().iter().any(|(path, _)| path.to_string_lossy().contains("bench.sqlite") && has(path))
    }
}

//! Files that hold people's data and secrets are for whoever runs the server, and nobody else.

use crate::harness::{Server, eventually, on_postgres, program, run};
use serde_json::json;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

#[tokio::test]
async fn database_log_lock_and_backups_are_for_their_owner_only_also_where_they_were_wider() {
    if on_postgres() {
        return;
    }
    let mut server = Server::start();
    let url = server.database();
    let file = Path::new(url.strip_prefix("sqlite:").expect("a file")).to_owned();
    let beside = |ending: &str| file.with_file_name(format!("{}{ending}", file.file_name().expect("a name").display()));
    let all = [file.clone(), beside("-wal"), beside("-shm"), beside(".lock")];
    assert_eq!(all.each_ref().map(|path| mode(path)), [0o600; 4]);
    server.kill();
    all.iter().filter(|path| path.exists()).for_each(|path| {
        std::fs::set_permissions(path, Permissions::from_mode(0o664)).expect("as an older version made it");
    });
    server.restart();
    assert_eq!(all.each_ref().map(|path| mode(path)), [0o600; 4]);
    assert!(server.log().contains("others could read this file; now only its owner can"), "{}", server.log());

    let backup = server.folder().join("backups.sqlite");
    let named = backup.display().to_string();
    run(&mut program(&["backup", "--database", &url, &named])).good();
    assert_eq!(mode(&backup), 0o600);
    std::fs::set_permissions(&backup, Permissions::from_mode(0o644)).expect("made wider");
    let new = server.folder().join("new/shop.sqlite");
    let place = format!("sqlite:{}", new.display());
    run(&mut program(&["restore", &named, "--database", &place])).good();
    assert_eq!((mode(&new), mode(new.parent().expect("a folder"))), (0o600, 0o700));
    let copied = server.folder().join("copied.sqlite");
    server.kill();
    run(&mut program(&["copy", "--from", &url, "--to", &format!("sqlite:{}", copied.display())])).good();
    assert_eq!(mode(&copied), 0o600);
}

#[tokio::test]
async fn mails_as_files_are_for_their_owner_only() {
    let server = Server::start();
    let folder = server.folder().join("mails");
    server
        .shop()
        .guest()
        .post("/account/password/forgot", &json!({"email": "ada@example.com"}))
        .send()
        .await
        .expect(204);
    let file = eventually("a mail", Duration::from_secs(30), async || {
        let entries = std::fs::read_dir(&folder).ok()?;
        entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|ending| ending == "txt"))
    })
    .await;
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
}

#[tokio::test]
async fn a_folder_of_mails_that_others_can_look_into_is_told() {
    let mut server = Server::start();
    let folder = server.folder().join("mails");
    server.kill();
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).expect("as somebody made it");
    server.restart();
    eventually("a warning", Duration::from_secs(30), async || {
        server.log().contains("others may look into the folder of mails").then_some(())
    })
    .await;
}

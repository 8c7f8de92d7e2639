//! Whether others can change the configuration: whoever can chooses where secrets are sent, and which programs run.
//!
//! Looked at are the folder, the files in it that count, and all folders above them, behind symbolic links too. Root may do
//! everything anyway.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use super::{StoreError, config, files::Others, profiles, vault};

/// As whom Linux shows the users that a container does not know.
const OVERFLOW_UID: u32 = 65_534;
const STICKY: u32 = 0o1000;

/// Refuses a configuration folder that others can change.
pub fn check(dir: &Path) -> Result<(), StoreError> {
    let me = rustix::process::geteuid().as_raw();
    let dir = &std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let mut above = BTreeSet::new();
    for path in [dir.clone(), profiles::path(dir), config::path(dir), vault::path(dir)] {
        let real = fs::canonicalize(&path).ok();
        if let Some(real) = &real {
            look(real, me, false)?;
        }
        // What is not there yet is made closed to others, where the folders above are in order. So must be those of a link.
        let folder = path.ancestors().skip(1).find_map(|path| fs::canonicalize(path).ok());
        let folders = [folder.as_deref(), real.as_deref().and_then(Path::parent)];
        above.extend(folders.into_iter().flatten().flat_map(Path::ancestors).map(Path::to_owned));
    }
    above.iter().try_for_each(|path| look(path, me, true))
}

/// In a folder above that is sticky, only owners remove their files.
fn look(path: &Path, me: u32, is_above: bool) -> Result<(), StoreError> {
    // What cannot be looked at now cannot be read then.
    let Ok(found) = fs::metadata(path) else { return Ok(()) };
    // Whoever reads a pipe or a device here refuses it.
    if !found.is_file() && !found.is_dir() {
        return Ok(());
    }
    let (mode, owner) = (found.permissions().mode(), found.uid());
    let refuse = |others| Err(StoreError::Writable { path: path.to_owned(), others });
    if owner != me && owner != 0 && !(is_above && owner == OVERFLOW_UID) {
        return refuse(Others::Owner(owner));
    }
    if is_above && mode & STICKY != 0 {
        return Ok(());
    }
    if mode & 0o002 != 0 {
        return refuse(Others::Everybody);
    }
    if mode & 0o020 != 0 && (has_access_list(path) || !is_alone(found.gid(), me)) {
        return refuse(Others::Group(found.gid()));
    }
    Ok(())
}

/// Whether a user is alone in a group, as far as this machine's own lists say. A group that they do not know has others.
fn is_alone(group: u32, user: u32) -> bool {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    is_private(group, user, &read("/etc/passwd"), &read("/etc/group"))
}

/// A user's own group has their name (as `useradd` makes it), no other member, and is not the first group of another.
fn is_private(group: u32, user: u32, passwd: &str, groups: &str) -> bool {
    // name:password:uid:gid:…
    let users = passwd.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let (name, _, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        Some((name, uid.parse::<u32>().ok()?, gid.parse::<u32>().ok()?))
    });
    // name:password:gid:members
    let mut groups = groups.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let (name, _, gid, members) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        Some((name, gid.parse::<u32>().ok()?, members))
    });
    let Some((name, _, members)) = groups.find(|(_, gid, _)| *gid == group) else { return false };
    let is_own = users.clone().any(|(user_name, uid, _)| uid == user && user_name == name);
    let is_others = users.clone().any(|(_, uid, gid)| gid == group && uid != user);
    is_own && !is_others && members.split(',').all(|member| member.trim().is_empty() || member.trim() == name)
}

/// Whether an access list (`setfacl`) stands behind the group's bits.
fn has_access_list(path: &Path) -> bool {
    let mut nothing: [u8; 0] = [];
    rustix::fs::getxattr(path, "system.posix_acl_access", &mut nothing[..]).is_ok_and(|length| length > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trouble::Told as _;

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_others_can_change_is_refused_by_name() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("tokscope");
        check(&dir).unwrap();
        fs::create_dir_all(dir.join("vault")).unwrap();
        let real = root.path().join("dotfiles");
        fs::create_dir(&real).unwrap();
        fs::write(real.join("mine.toml"), "").unwrap();
        std::os::unix::fs::symlink(real.join("mine.toml"), config::path(&dir)).unwrap();
        fs::write(profiles::path(&dir), "").unwrap();
        check(&dir).unwrap();
        let all = [
            dir.clone(),
            dir.join("vault"),
            profiles::path(&dir),
            real.join("mine.toml"),
            real.clone(),
            root.path().into(),
        ];
        for path in &all {
            let before = fs::metadata(path).unwrap().permissions().mode() & 0o7777;
            chmod(path, before | 0o002);
            let error = check(&dir).unwrap_err();
            let words = error.line();
            let real_path = fs::canonicalize(path).unwrap();
            assert!(words.contains(&format!("chmod o-w {};", real_path.display())), "{words}");
            assert!(words.contains("--allow-writable-config"), "{words}");
            chmod(path, before);
        }
        // In a sticky folder only owners remove their files; but what is ours may be added to.
        chmod(root.path(), 0o1777);
        check(&dir).unwrap();
        chmod(&dir, 0o1777);
        check(&dir).unwrap_err();
    }

    #[test]
    fn what_belongs_to_somebody_else_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let me = fs::metadata(root.path()).unwrap().uid();
        look(root.path(), me, false).unwrap();
        if me == 0 {
            return look(root.path(), 4_711, false).unwrap();
        }
        let error = look(root.path(), me + 1, false).unwrap_err();
        assert!(error.to_string().contains("belongs to another user"), "{error}");
    }

    #[test]
    fn a_group_is_private_where_nobody_else_is_in_it() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\nbob:x:1001:100::/home/bob:\n\
                      cy:x:1002:1002::/:\ndee:x:1003:1002::/:\n";
        let groups =
            "root:x:0:\nada:x:1000:\nusers:x:100:\ndevs:x:200:ada,bob\ncy:x:1002:cy\neve:x:1004:\nbob:x:1001:ada\n";
        for (group, user, expected) in [
            (0, 0, true),
            (1000, 1000, true),
            // Another's own, one with members, one that is somebody's first group, one that nobody knows.
            (1000, 1001, false),
            (200, 1000, false),
            (100, 1001, false),
            (1002, 1002, false),
            (1001, 1001, false),
            (1004, 1004, false),
            (4711, 1000, false),
        ] {
            assert_eq!(is_private(group, user, passwd, groups), expected, "group {group} for user {user}");
        }
    }
}

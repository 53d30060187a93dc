#!/usr/bin/env python3
"""Another account for the service: every file is given to it, it can open them, the unit names it; or nothing happened. TAP."""
import os
import pathlib
import pwd
import shutil
import subprocess

from harness import BINDERY, Instance, Skip, run, test

UNIT = pathlib.Path("/etc/systemd/system")


class Account:
    """A user of the machine for the time of a test; needs root."""

    def __enter__(self):
        if os.geteuid() != 0 or not shutil.which("useradd"):
            raise Skip("only root can make accounts")
        self.name = f"bindery-t{os.getpid()}"
        subprocess.run(["useradd", "--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", self.name],
                       check=True, capture_output=True)
        self.entry = pwd.getpwnam(self.name)
        return self

    def __exit__(self, *rest):
        subprocess.run(["userdel", self.name], capture_output=True)


def owners(instance):
    return {(path.lstat().st_uid, path.lstat().st_gid) for path in [instance.path, *instance.path.rglob("*")]}


def open_way(instance):
    """Tests make their folders for themselves alone."""
    instance.folder.chmod(0o755)


def program_for_all(instance):
    """The program may have been built where no other account can get to, in the folder of root."""
    copy = pathlib.Path(shutil.copy(BINDERY, instance.folder / "bindery"))
    copy.chmod(0o755)
    return copy


@test
def row_34_the_service_gets_another_account_with_all_its_files():
    with Account() as account, Instance(serve=False, samples=True) as instance:
        open_way(instance)
        outside = instance.folder / "outside"
        outside.write_text("not of the instance\n")
        (instance.path / "tmp" / "link").symlink_to(outside)
        planned = instance.json("account", "service", account.name, "--dry-run")
        assert planned["steps"] and not planned["changed"] and owners(instance) == {(0, 0)}, planned
        done = instance.json("account", "service", account.name)
        assert done["changed"] and f"User={account.name}\n" in done["drop_in"] and f"Group={account.name}\n" in done["drop_in"], done
        assert owners(instance) == {(account.entry.pw_uid, account.entry.pw_gid)}
        assert outside.stat().st_uid == 0, "a link was followed"
        assert instance.json("account", "service", f"{account.name}:{account.name}")["changed"] is False
        log = open(instance.folder / "server.log", "ab")
        os.fchmod(log.fileno(), 0o666)
        instance.log = log
        instance.server = subprocess.Popen([program_for_all(instance), "serve"], stdout=log, stderr=log, env=instance.environment(),
                                           user=account.name, group=account.name, extra_groups=[])
        instance.bindery("status", "--wait", "30")
        assert instance.get("/ReportServer").status == 200
        assert instance.render("/Samples/Sales by Region", "CSV").status == 200
        refused = instance.bindery("account", "service", "root", check=False)
        assert refused.returncode == 3 and "stop it first" in refused.stderr, refused
        instance.stop()
        assert instance.json("tls", "history")["events"][0]["what"].startswith("give ")
        assert instance.json("account", "service", "root:root")["changed"], "and back"


@test
def row_34_what_does_not_work_changes_nothing():
    with Account() as account, Instance(serve=False) as instance:
        before = owners(instance)
        refused = instance.bindery("account", "service", account.name, check=False)
        assert refused.returncode == 1 and "cannot get to" in refused.stderr and "nothing was changed" in refused.stderr, refused
        assert owners(instance) == before, "the folder above lets nobody through: taken back"
        open_way(instance)
        victim = instance.folder / "victim"
        victim.write_text("of somebody else\n")
        os.link(victim, instance.path / "data" / "innocent")
        refused = instance.bindery("account", "service", account.name, check=False)
        assert refused.returncode == 1 and "hard link" in refused.stderr and "data/innocent" in refused.stderr, refused
        assert owners(instance) == before and victim.stat().st_uid == 0
        (instance.path / "data" / "innocent").unlink()
        assert instance.bindery("account", "service", "nobody-by-this-name", check=False).returncode == 4
        assert instance.bindery("account", "service", f"{account.name}:no-such-group", check=False).returncode == 4
        # Without root's rights nothing can be given away.
        open(instance.path / "https.db").close()
        for path in [instance.path, *instance.path.rglob("*")]:
            os.chown(path, 65534, 65534, follow_symlinks=False)
        done = subprocess.run([program_for_all(instance), "account", "service", account.name], env=instance.environment(),
                              capture_output=True, text=True, user=65534, group=65534, extra_groups=[])
        assert done.returncode == 1 and "only root" in done.stderr, done


@test
def row_34_a_unit_of_systemd_gets_a_drop_in():
    with Account() as account, Instance(serve=False) as instance:
        open_way(instance)
        unit = f"[Service]\nExecStart=/usr/bin/bindery --instance {instance.path} serve\nUser=bindery\n"
        script = (f"mount -t tmpfs none {UNIT} && printf '%s' \"$UNIT_TEXT\" > {UNIT}/bindery.service && "
                  f"{BINDERY} account service {account.name} && cat {UNIT}/bindery.service.d/account.conf")
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script], env={**instance.environment(), "UNIT_TEXT": unit},
                              capture_output=True, text=True)
        if "unshare" in done.stderr or "mount:" in done.stderr:
            raise Skip("no file system of one's own here")
        assert done.returncode == 0 and f"[Service]\nUser={account.name}\nGroup={account.name}\n" in done.stdout, done
        assert "daemon-reload" in done.stdout and not (UNIT / "bindery.service.d").exists()


run()

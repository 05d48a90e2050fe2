"""What the tests of backups in a bucket share."""
import json
import pathlib
import tempfile

from backup_case import BackupCase
from s3_server import ACCESS, REGION, S3Server, SECRET


class BucketCase(BackupCase):
    def setUp(self):
        super().setUp()
        self.server = S3Server(self)
        self.place = "s3://backups/all/of it".replace(" ", "_")
        self.temporary = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        keys = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        for name, value in (("access", ACCESS), ("secret", SECRET + "\n")):
            (keys / name).write_text(value)
        self.env = {"CTI_BACKUP_DIR": self.place, "CTI_S3_ENDPOINT": self.server.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID_FILE": str(keys / "access"),
                    "AWS_SECRET_ACCESS_KEY_FILE": str(keys / "secret"), "TMPDIR": str(self.temporary)}

    def backup(self, *args, url=None, env=(), **more):
        return self.cti("backup", *args, url=url or self.db.url(), env={**self.env, **dict(env)}, **more)

    def restore(self, *args, url=None, env=(), **more):
        return self.cti("restore", *args, url=url or self.db.url(), env={**self.env, **dict(env)}, **more)

    def create(self, *args, **more):
        return self.assertRan(self.backup("create", *args, **more)).out.strip()

    def listed(self):
        return json.loads(self.assertRan(self.backup("list", "--format", "json")).raw)

    def assertNothingLeft(self, backups):
        """So many backups, none of them half, and no trace of others."""
        self.assertEqual(len(self.server.names()), backups)
        self.assertEqual(len({key.split("/")[2] for key in self.server.objects}), backups, list(self.server.objects))
        self.assertEqual(self.server.names(""), [k for k in self.server.names("") if "/.claim-" not in k and "/.reading-" not in k])
        self.assertEqual(self.server.uploads, {})
        self.assertEqual(list(self.temporary.iterdir()), [])

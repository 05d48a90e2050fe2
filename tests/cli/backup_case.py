"""What the tests of backups share: a small database of every kind of row, and a folder for its backups."""
import pathlib
import tempfile

from harness import Database, DatabaseCase, cti

ARTICLE = """
    INSERT INTO public.articles (source_id, canonical_url, title, published_at, authors, tags, content, content_hash, article_metadata, discovered_at,
                                 processing_status, word_count, created_at, updated_at)
    SELECT (SELECT min(id) FROM public.sources), 'https://a.example/%(key)s/' || n, 'title ' || n, now(), '[]', '[]', E'a\\\\b\\n\\\\.\\n' || repeat(md5(n::text), 20),
           md5('%(key)s' || n) || md5(n || '%(key)s'), '{}', now(), 'pending', 0, now(), now()
    FROM generate_series(1, %(count)d) AS n;"""
SOURCES = "sources:\n  - id: a\n    name: A\n    url: https://a.example/\n    rss_url: https://a.example/feed\n"


class BackupCase(DatabaseCase):
    """A database with some articles, and a folder for backups."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="cti-backup-")))
        (cls.folder / "sources.yaml").write_text(SOURCES)
        done = cti("init", "--config", cls.folder / "sources.yaml", url=cls.db.url())
        if done.rc:
            raise AssertionError(done)
        cls.db.execute(ARTICLE % dict(key="first", count=300))

    def setUp(self):
        super().setUp()
        self.backups = pathlib.Path(tempfile.mkdtemp(dir=self.folder))

    def backup(self, *args, url=None, **more):
        more.setdefault("env", {}).update(CTI_BACKUP_DIR=str(self.backups))
        return self.cti("backup", *args, url=url or self.db.url(), **more)

    def create(self, *args, **more):
        return pathlib.Path(self.assertRan(self.backup("create", *args, **more)).out.strip())

    def restore(self, *args, url=None, **more):
        more.setdefault("env", {}).update(CTI_BACKUP_DIR=str(self.backups))
        return cti("restore", *args, url=url or self.db.url(), **more)

    def empty_database(self):
        db = Database()
        self.addCleanup(db.drop)
        return db

    @staticmethod
    def state(db):
        """Every row of every table but what a restore forgets on purpose, and the marks that a backup leaves when it is whole."""
        names = [r["name"] for r in db.rows("SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'cti') "
                                        "AND tablename NOT IN ('schedules', 'leaders') ORDER BY 1")]
        sums = " UNION ALL ".join("SELECT '%s' AS name, count(*) || ' ' || coalesce(md5(string_agg(md5(x::text), '' ORDER BY md5(x::text))), '') AS sum FROM %s x" % (n, n)
                                  for n in names)
        return {r["name"]: r["sum"] for r in db.rows(sums)} if names else {}

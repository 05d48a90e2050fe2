"""Some tables of a dump, restored into an empty database."""
import subprocess

from backup_case import BackupCase
from harness import cti


class Tables(BackupCase):
    EXTRA = """
        CREATE TABLE public.parents (id serial PRIMARY KEY, name text); CREATE TABLE public.children (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            parent int REFERENCES public.parents); CREATE INDEX children_parent ON public.children (parent);
        CREATE TABLE public."Odd name" (a int); INSERT INTO public."Odd name" VALUES (1); COMMENT ON COLUMN public."Odd name".a IS 'x';
        CREATE TABLE public.whole (a int) PARTITION BY RANGE (a); CREATE TABLE public.part PARTITION OF public.whole FOR VALUES FROM (1) TO (9);
        CREATE VIEW public.names AS SELECT name FROM public.parents;
        CREATE FUNCTION public.count_children(public.children) RETURNS int LANGUAGE sql AS 'SELECT 1';
        INSERT INTO public.parents (name) SELECT 'n' || n FROM generate_series(1, 50) AS n; INSERT INTO public.children (parent) SELECT id FROM public.parents;
        INSERT INTO public.whole VALUES (1), (2);"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.db.execute(cls.EXTRA)

    def tables(self, db):
        return {r["name"]: r["count"] for r in db.rows(
            "SELECT format('%s.%s', schemaname, tablename) AS name, (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I.%I', schemaname, tablename), "
            "false, true, '')))[1]::text::int AS count FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")}

    def test_only_what_was_named_and_what_it_refers_to_is_restored(self):
        plain = self.backups / "plain.sql"
        subprocess.run(["pg_dump", "-d", self.db.name, "-f", plain], check=True)
        for dump in (self.create(), self.create("--format", "directory", "--label", "b"), plain):
            for names, found in (("children", {"public.children": 50, "public.parents": 50}), ("public.parents", {"public.parents": 50}),
                                 ("articles,Odd name", {"public.articles": 300, "public.sources": 1, "public.Odd name": 1}),
                                 ("whole", {"public.whole": 2, "public.part": 2}), ("part", {"public.part": 2})):
                with self.subTest(dump=dump.name, names=names):
                    db = self.empty_database()
                    done = self.restore(dump, "--tables", names, "--dry-run", url=db.url())
                    self.assertRan(done)
                    for table in found:
                        self.assertIn(table, done.err)
                    self.assertEqual(self.tables(db), {})
                    self.assertRan(self.restore(dump, "--tables", names, url=db.url()))
                    self.assertEqual(self.tables(db), found)
                    for table, sums in self.state(db).items():
                        self.assertEqual(sums, self.state(self.db)[table])
        self.assertEqual(db.value("SELECT count(*) FROM pg_views WHERE schemaname = 'public'"), 0)

    def test_their_sequences_go_on_where_they_were(self):
        dump = self.create()
        db = self.empty_database()
        self.assertRan(self.restore(dump, "--tables", "children", url=db.url()))
        db.execute("INSERT INTO public.parents (name) VALUES ('new'); INSERT INTO public.children (parent) VALUES (51)")
        self.assertEqual((db.value("SELECT max(id) FROM public.parents"), db.value("SELECT max(id) FROM public.children")), (51, 51))
        self.assertEqual(db.value("SELECT count(*) FROM pg_indexes WHERE indexname = 'children_parent'"), 1)
        self.assertEqual(db.value("SELECT count(*) FROM pg_constraint WHERE contype = 'f'"), 1)
        db = self.empty_database()
        self.assertRan(self.restore(dump, "--tables", "articles", url=db.url()))
        self.assertRan(cti("init", "--no-sources", url=db.url()))
        self.assertEqual(cti("articles", "--limit", "1", "--format", "ids", url=db.url()).rc, 0)

    def test_names_that_are_not_there_are_refused_with_those_that_are(self):
        dump = self.create()
        db = self.empty_database()
        for names in ("article", "articles,names", "cti.articles", "articles; DROP TABLE x"):
            self.assertRefused(self.restore(dump, "--tables", names, url=db.url()), 2, "the dump has no table", "public.sources")
        self.assertEqual(self.tables(db), {})

    def test_they_replace_no_database_that_holds_something(self):
        dump, before = self.create(), self.state(self.db)
        self.assertRefused(self.restore(dump, "--tables", "children", "--confirm", self.db.name), 2, "is not empty, and some tables alone never replace it")
        self.assertRefused(self.restore(dump, "--tables", "children", "--migrate"), 2)
        self.assertEqual(self.state(self.db), before)

    def test_a_role_that_may_make_no_database_restores_them_into_an_empty_one(self):
        role = self.db.name + "_owner"
        db = self.empty_database()
        db.execute("CREATE ROLE %s LOGIN; GRANT ALL ON SCHEMA public TO %s; GRANT CREATE ON DATABASE %s TO %s" % (role, role, db.name, role))
        self.addCleanup(self.db._psql, "postgres", "-c", "DROP OWNED BY %s; DROP ROLE %s" % (role, role))
        self.addCleanup(db.execute, "DROP OWNED BY " + role)
        self.assertRan(self.restore(self.create(), "--tables", "children", url=db.url(user=role)))
        self.assertEqual(self.tables(db), {"public.children": 50, "public.parents": 50})

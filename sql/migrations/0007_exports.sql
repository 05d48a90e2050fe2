-- Files that exports of this name have made under a temporary name and that may still be there: each is written down before it is made,
-- so whatever a killed run left behind can be removed by its name, and nothing else is.
ALTER TABLE cti.export_cursors ADD COLUMN made_files text[] NOT NULL DEFAULT '{}';

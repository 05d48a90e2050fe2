-- Who has read which article: what `cti next` and `--new` leave out. A reader is a name that somebody gave, and knows of no other. No
-- foreign key to public, see 0001. The order of the key serves both questions: of these articles, which has the reader read; and
-- which of the marks belong to articles that are gone.
CREATE TABLE cti.read_marks (
    article_id integer NOT NULL,
    reader text COLLATE "C" NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (article_id, reader)
);

-- What `cti search analysis:X sector:X` finds: values, "kind:value", roles, and the words of values and sentences, in small letters.
ALTER TABLE cti.analyses ADD COLUMN terms text[] NOT NULL DEFAULT '{}';
UPDATE cti.analyses a
SET terms = coalesce((SELECT array_agg(DISTINCT t.term)
                      FROM jsonb_array_elements(a.result -> 'items') AS i (item)
                      CROSS JOIN LATERAL (SELECT lower(i.item ->> 'value') UNION SELECT lower((i.item ->> 'kind') || ':' || (i.item ->> 'value'))
                                          UNION SELECT i.item ->> 'role'
                                          UNION SELECT regexp_split_to_table(lower(concat_ws(' ', i.item ->> 'value', i.item ->> 'sentence')), '[^[:alnum:]_]+')
                                         ) AS t (term)
                      WHERE t.term <> ''), '{}');
CREATE INDEX analyses_terms ON cti.analyses USING gin (terms);

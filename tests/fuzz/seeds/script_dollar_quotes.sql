CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN; $$ ; $g$; END; $f$;
DO $$ BEGIN PERFORM 'a;'; END $$; SELECT $1, a$b$c, $tag$;$tag $tag$, $_9$ $9$ $_9$;
